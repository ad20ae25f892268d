"""Who may do what is asked of the one table: nobody else reads roles, or compares organisations."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import python_files, tree
from tests.architecture.test_habits import places

JUDGES = (Path("shared/access"), Path("shared/kit"))
MAKERS = {
    Path("services/directory/domain/tokens.py"),
    Path("services/directory/policy/tokens.py"),
}
"""They make the token of a subject and write down what is in it; they judge nobody by it."""

DECIDERS = {Path("services/intake/domain/parts.py")}
"""They ask which of those that reach a case owns it, and so decides (ADR 0028)."""

OF_ROLES = {"roles", "grants", "holds", "areas_of"}


def subjects_in(source: ast.Module) -> set[str]:
    """What is called by a name that is said to be a subject: arguments, variables and fields."""
    said = {
        node.arg if isinstance(node, ast.arg) else name_of(node.target)
        for node in ast.walk(source)
        if isinstance(node, ast.arg | ast.AnnAssign)
        and node.annotation is not None
        and any(name_of(part) == "Subject" for part in ast.walk(node.annotation))
    }
    return said - {""}


def name_of(node: ast.AST) -> str:
    """The last name of an expression, if it ends with one."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def judged_by_hand(source: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines on which a subject's roles are read, or its organisation is compared."""
    subjects = subjects_in(source)

    def is_of_subject(node: ast.expr, names: set[str]) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr not in names:
            return False
        return name_of(node.value) in subjects

    for node in ast.walk(source):
        if isinstance(node, ast.expr) and is_of_subject(node, OF_ROLES):
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Compare) and any(
            is_of_subject(side, {"organisation_id"}) for side in (node.left, *node.comparators)
        ):
            yield node.lineno, ast.unparse(node)


def test_a_subject_is_judged_by_the_table_alone() -> None:
    found = [
        (path, line, what)
        for path in python_files("services", "shared")
        if path not in MAKERS | DECIDERS and not any(path.is_relative_to(judge) for judge in JUDGES)
        for line, what in judged_by_hand(tree(path))
    ]
    assert not found, f"ask `visible(subject, permission)` of shared.access:\n{places(found)}"


def test_judging_by_hand_is_found() -> None:
    """The test above would else be satisfied by a slip in the search."""
    source = """
def seen(session: Session, *, subject: Subject, offer: Offer) -> bool:
    return subject.holds(Role.CASE_OWNER) or Offer.organisation_id == subject.organisation_id

def listed(caller: Annotated[Subject, Depends(permitted(Permission.CASE_READ))]) -> bool:
    return Role.OPERATOR in caller.roles

@dataclass
class Asker:
    who: Subject

    def owns(self, offer: Offer) -> bool:
        return self.who.organisation_id != offer.organisation_id
"""
    assert {what for _, what in judged_by_hand(ast.parse(source))} == {
        "subject.holds",
        "Offer.organisation_id == subject.organisation_id",
        "caller.roles",
        "self.who.organisation_id != offer.organisation_id",
    }
