"""Every period and every sum is a row: none is typed in code, and one scale says how certain it is.

The rows are in ``shared/law/rules``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contracts import Queue, RuleChanged
from shared.law import Certainty, PeriodKey, rules
from shared.law.entitlements import rulebook
from shared.law.entries import Table, entries
from tests.architecture.source import PRODUCT, ROOT, python_files, tree

LAW = Path("shared/law")
TEXTS = re.compile(
    r"\b(?:Law|Decree|Circular|Resolution|Ordinance) \d+/\d{4}|\bLaw on \w+|\bCivil Code\b|"
    r"\b(?:Luật|Nghị định|Thông tư|Bộ luật)\b",
)
"""How a legal text is cited."""
OPERATIONAL = {
    "services/verification/domain/opening.py": "when the sweep looks again at what waits",
    "services/notification/policy/signatures.py": "how long a replaced key goes on signing",
    "services/notification/policy/paces.py": "how many go in a minute when an outage is over",
    "services/notification/policy/carriers.py": "how long a carrier that fails is left alone",
    "services/notification/domain/carriers.py": "how long one message that finds out is waited for",
    "services/notification/domain/records.py": "how long a sender rests between tries",
    "services/notification/domain/claims.py": "how long a sender holds what it took",
    "services/notification/domain/persons.py": "how long a sender holds what it took, and rests",
    "services/notification/domain/retention.py": "technical rows, pruned late",
    "services/directory/domain/retention.py": "technical rows, pruned late",
    "services/directory/policy/tokens.py": "how long a token lives",
    "services/directory/policy/sessions.py": "how long somebody stays logged in",
    "services/directory/policy/patience.py": "how long whoever guesses has to wait",
    "services/directory/policy/assertions.py": "how long a signed assertion lives",
    "services/directory/policy/duties.py": "how long before it ends something is renewed",
    "services/directory/policy/mailings.py": "how long the code of a mailbox is good",
    "services/directory/policy/refused.py": "how long it counts that a mailbox refused",
    "services/notification/policy/digests.py": "when the day of a digest begins",
    "services/notification/domain/personal_mails.py": "how long a sender holds what it took",
    "services/directory/domain/seed.py": "a day, between one role and the next",
    "services/livelihood_support/policy/windows.py": "how long before its end a window is shown",
    "services/livelihood_support/domain/unanswered.py": "when somebody asks where no clock runs",
    "services/intake/policy/turns.py": "how long what is on its way may take",
    "services/intake/policy/searching.py": "how long looking cases up counts",
    "services/intake/policy/contact.py": "how long what a person said of their phone is relied on",
    "services/intake/policy/drafts.py": "how long what nobody goes on with is kept",
    "services/intake/domain/watching.py": "when an operator is told of what was left",
    "services/intake/policy/lateness.py": "how far a clock may be fast, and what needs no reason",
}
"""The files that may measure a time themselves, and what for: nothing legal hangs on these."""


def product() -> list[Path]:
    return [path for path in python_files(*PRODUCT) if LAW not in path.parents]


def rules_of_services() -> list[Path]:
    """Where a service decides: its policy and its domain."""
    rooms = {"domain", "policy", "domain.py", "policy.py"}
    return [path for path in python_files("services") if rooms & set(path.parts)]


def documentation(module: ast.Module) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def cited(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Legal texts that stand in code, and not in a docstring or a comment."""
    said = documentation(module)
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said
            and TEXTS.search(node.value)
        ):
            yield node.lineno, node.value


def made(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Periods that are made rather than found."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Period":
            yield node.lineno, ast.unparse(node)


def measured(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Times a file measures itself: a ``timedelta``, a calendar of its own, a sum of money."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "timedelta":
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            module_name = getattr(node, "module", None)
            if {"holidays", "calendar", "dateutil"} & {module_name, *names}:
                yield node.lineno, ast.unparse(node)


MONEY = re.compile(r"vnd|dong\b|price|allowance|ceiling|stipend|(?:^|_)sums?(?:_|$)", re.IGNORECASE)
SUMS = {it.vnd for rows in rulebook().amounts.values() for it in rows} - {None}


def priced(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Sums and ceilings that stand in code: a number by such a name, or the sum of a row."""
    for node in ast.walk(module):
        names: list[str] = []
        if isinstance(node, ast.Assign):
            names, value = [ast.unparse(it) for it in node.targets], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            names, value = [ast.unparse(node.target)], node.value
        elif isinstance(node, ast.keyword) and node.arg:
            names, value = [node.arg], node.value
        elif isinstance(node, ast.Compare):
            names, value = [ast.unparse(node.left)], node.comparators[0]
        else:
            value = node if isinstance(node, ast.expr) else ast.Constant(None)
        if isinstance(value, ast.Constant) and type(value.value) in {int, float}:
            is_named = value.value and any(MONEY.search(name) for name in names)
            if is_named or value.value in SUMS:
                yield value.lineno, ast.unparse(node)


SEARCHES = pytest.mark.parametrize(
    ("search", "source"),
    [
        (cited, 'COMPLAINT = Rule(90, "Law on Complaints 02/2011 Art. 9")'),
        (cited, 'ref = "Decree 09/2013"'),
        (made, 'NORMAL = Period("verification.normal", 20)'),
        (measured, "ANSWER = timedelta(days=5)"),
        (measured, "from holidays import country_holidays"),
        (measured, "import calendar"),
        (priced, "ALLOWANCE = 500"),
        (priced, "pay(vnd=2_000)"),
        (priced, "refuse = stay_ceiling > 60"),
        (priced, "given = 70000"),
    ],
)


RELEASE_ALONE = {
    "deploy/documents/law.py": "a page of the release",
    "services/console/pages/reception_receipt.py": "it tells what comes, and promises nothing",
}
"""The files that ask for the rows of the release, without those that were published since."""


def asks_the_release(module: ast.Module) -> bool:
    """Whether something takes the rows of the release from where they are read."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module in {"shared.law", "shared.law.rows"}
        and "rules" in {alias.name for alias in node.names}
        for node in ast.walk(module)
    )


@SEARCHES
def test_the_searches_find_what_they_are_for(search: object, source: str) -> None:
    assert list(search(ast.parse(source)))  # type: ignore[operator]
    assert not list(search(ast.parse('"""By Decree 09/2013, see Law on Complaints."""')))  # type: ignore[operator]


def test_no_legal_text_is_cited_in_code() -> None:
    found = [f"{path}:{line} {what}" for path in product() for line, what in cited(tree(path))]
    assert not found, "\n".join(found)


def test_no_period_is_made_outside_the_rows() -> None:
    found = [f"{path}:{line} {what}" for path in product() for line, what in made(tree(path))]
    assert not found, "\n".join(found)


def test_no_service_measures_a_legal_time_itself() -> None:
    found = [
        f"{path}:{line} {what}"
        for path in rules_of_services()
        if str(path) not in OPERATIONAL
        for line, what in measured(tree(path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", OPERATIONAL)
def test_a_file_that_may_measure_does(path: str) -> None:
    assert list(measured(tree(Path(path))))


def test_a_service_goes_by_the_rows_that_were_published_since() -> None:
    house = {LAW, Path("shared/rulebook")}
    found = {
        str(path)
        for path in product()
        if not house & set(path.parents) and asks_the_release(tree(path))
    }
    assert found == RELEASE_ALONE.keys(), "ask rules_of(session) of shared/rulebook"


def vocabularies() -> Iterator[tuple[str, frozenset[str]]]:
    for path in python_files(*PRODUCT):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                values = frozenset(
                    part.value.value
                    for part in node.body
                    if isinstance(part, ast.Assign)
                    and isinstance(part.value, ast.Constant)
                    and isinstance(part.value.value, str)
                )
                yield f"{path}: {node.name}", values


def test_there_is_one_scale_of_certainty() -> None:
    words = set(Certainty)
    found = [name for name, values in vocabularies() if len(words & values) > 1]
    assert found == ["shared/contracts/law.py: Certainty"]


def test_there_is_one_vocabulary_of_units() -> None:
    found = [name for name, values in vocabularies() if {"day", "month"} <= values]
    assert found == ["shared/contracts/law.py: Unit"]


def test_a_rule_is_shown_in_one_shape() -> None:
    found = [
        f"{path}: {node.name}"
        for path in python_files("services")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and ast.unparse(part.target) == "legal_ref"
        if "schemas" in path.parts or path.stem == "schemas"
    ]
    assert not found, f"derive from shared.law.shapes.BasisRead: {found}"


def uses(service: Queue) -> set[PeriodKey]:
    """The periods a service's code asks for; who keeps clocks asks for those of the room, too."""
    source = said_in(f"services/{service}")
    if "from shared.clocks" in source:
        source += said_in("shared/clocks")
    return {key for key in PeriodKey if f"PeriodKey.{key.name}" in source}


def said_in(room: str) -> str:
    return "".join((ROOT / path).read_text("utf-8") for path in python_files(room))


@pytest.mark.parametrize("service", RuleChanged.to)
def test_whoever_is_told_of_rows_acts_on_some(service: Queue) -> None:
    assert uses(service)


@pytest.mark.parametrize("service", Queue)
def test_a_row_names_the_service_that_acts_on_it(service: Queue) -> None:
    named = {row.key for row in rules().periods if service in row.services}
    assert named == uses(service)


WAITING = {
    PeriodKey.SUPPORT_COMMUNE_FORWARDS: "clocks of applications for support",
    PeriodKey.SUPPORT_CASE_OWNER_DECIDES: "clocks of applications for support",
    PeriodKey.FOLLOW_UP: "visits after the return",
}
"""Rows that no service acts on yet, each with what will. Nothing else may be added without it."""


def test_a_row_that_no_service_acts_on_says_what_will() -> None:
    idle = {entry.key for entry in entries() if not entry.services}
    assert idle == set(WAITING), "a row nothing acts on decides nothing: name what will act on it"


@pytest.mark.parametrize(
    ("asked", "tables"),
    [
        ("shared.law.verifying", {Table.PROOF, Table.AUTHORITY}),
        (
            "shared.law.entitl",
            {
                *(Table.GRANT, Table.CONDITION, Table.CATEGORY, Table.CERTAINTY),
                *(Table.CONTENT, Table.AMOUNT),
            },
        ),
    ],
)
def test_a_service_that_is_named_by_other_rows_asks_for_them(
    asked: str, tables: set[Table]
) -> None:
    named = {it for entry in entries() if entry.table in tables for it in entry.services}
    assert named
    for service in named:
        files = python_files(f"services/{service}/domain")
        assert any(asked in (ROOT / path).read_text("utf-8") for path in files), service


def test_no_sum_and_no_ceiling_is_typed_in_code() -> None:
    found = [f"{path}:{line} {what}" for path in product() for line, what in priced(tree(path))]
    assert not found, "\n".join(found)


def test_every_name_of_a_period_has_its_rows() -> None:
    assert {row.key for row in rules().periods} == set(PeriodKey)
