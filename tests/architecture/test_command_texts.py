"""Every text of the command and of the demonstration is in its catalogues, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from typer.main import get_command

from deploy import cli, restoring
from deploy.deadlines import board
from deploy.demo import run
from deploy.demo.outcome import Outcome
from deploy.help import HELP, PROGRAM, command_of
from deploy.stack import refusals
from deploy.stack.invariants import messages, turns
from deploy.stack.invariants.breaches import RULES
from deploy.stack.leaks import NothingSearched
from deploy.words import FOLDER, spelled
from shared.texts import TextLanguage, placeholders
from tests.architecture.source import python_files, tree

Key = tuple[str, str]
LANGUAGES = pytest.mark.parametrize("language", TextLanguage)
SLUG = re.compile(r"[a-z]+(?:-[a-z]+)*")


def written(language: TextLanguage) -> list[polib.POEntry]:
    return list(polib.pofile(str(FOLDER / f"{language}.po")))


def said(language: TextLanguage) -> dict[Key, str]:
    return {(it.msgctxt, it.msgid): it.msgstr for it in written(language) if it.msgstr}


def calls(name: str) -> Iterator[ast.Call]:
    """Calls of a function by its bare name, in all of the command's code."""
    for path in python_files("deploy"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield node


def constants(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def of_sentences() -> Iterator[Key]:
    for call in calls("say"):
        if isinstance(call.args[0], ast.Constant):
            yield "says", str(call.args[0].value)


def of_headings() -> Iterator[Key]:
    for call in calls("headings"):
        yield from (("heading", code) for argument in call.args for code in constants(argument))


def of_help(command: Any, path: str = PROGRAM) -> Iterator[Key]:
    yield HELP, path
    yield from ((HELP, f"{path} {it.name}") for it in command.params)
    for name, inner in getattr(command, "commands", {}).items():
        yield from of_help(inner, f"{path} {name}")


def function(module: Path, name: str) -> ast.FunctionDef:
    (found,) = (
        node
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return found


def needed() -> set[Key]:
    complaints = {*refusals.KNOWN.values(), refusals.DOWN, refusals.BUSY, "as-it-is"}
    differences = set(constants(function(Path("deploy/restoring.py"), "_add"))) - {"-"}
    invariants = [
        str(key.value)
        for node in ast.walk(function(Path("deploy/demo/outcome.py"), "checks"))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    places = {*run.NEXT, "logs", "every-step"}
    of_messages = (messages.UNEVEN, messages.LOST, messages.TWICE, messages.VANISHED, messages.GAPS)
    of_turns = (turns.FORGOTTEN, turns.UNCLEAR, turns.STUCK, turns.UNOWNED)
    rules = {*(rule.says for rule in RULES), *of_messages, *of_turns}
    return {
        *of_sentences(),
        *of_headings(),
        *of_help(get_command(cli.app)),
        *((refusals.COMPLAINT, code) for code in complaints),
        *((restoring.DIFFERENCE, code) for code in differences if SLUG.fullmatch(code)),
        *(("invariant", spelled(says)) for says in invariants),
        *(("place", code) for code in places),
        *((board.SHOWN, str(each)) for each in board.Shown),
        *((cli.BREACH, spelled(says)) for says in rules),
    }


@LANGUAGES
def test_the_command_says_nothing_that_no_catalogue_has(language: TextLanguage) -> None:
    assert isinstance(Outcome.checks, property)
    missing = needed() - said(language).keys()
    assert not missing, f"deploy/texts/{language}.po lacks {sorted(missing)}"


@LANGUAGES
def test_the_catalogues_have_nothing_that_the_command_never_says(language: TextLanguage) -> None:
    stale = said(language).keys() - needed()
    assert not stale, f"deploy/texts/{language}.po still says {sorted(stale)}"


@LANGUAGES
def test_the_commands_entries_stand_in_order_each_once(language: TextLanguage) -> None:
    keys = [(it.msgctxt, it.msgid) for it in written(language)]
    assert keys == sorted(set(keys))


@LANGUAGES
def test_a_sentence_is_told_the_facts_it_names(language: TextLanguage) -> None:
    texts = said(language)
    for call in calls("say"):
        if isinstance(call.args[0], ast.Constant):
            code = str(call.args[0].value)
            told = {keyword.arg for keyword in call.keywords}
            assert told == placeholders(texts["says", code]), code
    for (vocabulary, code), text in texts.items():
        if vocabulary != "says":
            facts = {"what"} if vocabulary == refusals.COMPLAINT else set()
            assert placeholders(text) == facts, (vocabulary, code)


def test_every_sentence_is_named_where_it_is_said() -> None:
    computed = [call.lineno for call in calls("say") if not isinstance(call.args[0], ast.Constant)]
    assert not computed, "a code that is put together is found by no search"


def with_all_below(kind: type[Exception]) -> Iterator[str]:
    yield kind.__name__
    for each in kind.__subclasses__():
        yield from with_all_below(each)


COMPLAINED_OF = {
    name for kind in (*refusals.KNOWN, NothingSearched) for name in with_all_below(kind)
}
SHOWN = re.compile(
    r"typer\.echo|(?:self\._)?console\.print|(?:\w+\.)*(?:" + "|".join(COMPLAINED_OF) + ")"
)


def test_nothing_is_shown_that_is_written_in_the_code() -> None:
    """Whatever is printed or complained of comes from ``say``, ``text`` or a table."""
    found = [
        f"{path}:{node.lineno} {ast.unparse(argument)}"
        for path in python_files("deploy")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and SHOWN.fullmatch(ast.unparse(node.func))
        for argument in node.args
        if isinstance(argument, ast.Constant | ast.JoinedStr)
        if re.search(r"[A-Za-z]{3}", "".join(constants(argument)).replace("docs", ""))
    ]
    assert set(found) <= {it for it in found if "nhipcau: " in it}


def test_the_help_is_in_the_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for language in TextLanguage:
        monkeypatch.setenv("NHIPCAU_LANG", language)
        told[language] = command_of(cli.app).commands["down"].help
    assert told == {
        "vi": "Dừng những gì `nhipcau up` đã khởi động.",
        "en": "Stop what `nhipcau up` started.",
    }


def test_a_complaint_is_in_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NHIPCAU_LANG", "vi")
    monkeypatch.setattr("sys.argv", ["nhipcau", "token", "agency", "--data", str(tmp_path)])
    with pytest.raises(SystemExit):
        cli.main()
    assert "không có tài khoản thử nghiệm" in capsys.readouterr().err
