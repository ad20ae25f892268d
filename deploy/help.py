"""The help of the command, in the language of the terminal; the code itself has none."""

from typing import Any

import typer
from typer import rich_utils
from typer.core import TyperGroup

from deploy.words import headings, text

PROGRAM = "nhipcau"
HELP = "help"


def command_of(app: typer.Typer) -> TyperGroup:
    """The command with every help text, its own and its framework's, as this terminal reads it."""
    found = typer.main.get_command(app)
    if not isinstance(found, TyperGroup):
        raise TypeError("the command has commands of its own")
    _put_into_words(found, PROGRAM)
    arguments, options, commands, error = headings("arguments", "options", "commands", "error")
    required, default = headings("required", "default")
    rich_utils.ARGUMENTS_PANEL_TITLE = arguments
    rich_utils.OPTIONS_PANEL_TITLE = options
    rich_utils.COMMANDS_PANEL_TITLE = commands
    rich_utils.ERRORS_PANEL_TITLE = error
    rich_utils.REQUIRED_LONG_STRING = f"[{required}]"
    rich_utils.DEFAULT_STRING = f"[{default}: {{}}]"
    return found


def _put_into_words(command: Any, path: str) -> None:
    """The help of a command, of its parameters and of the commands within, by their names."""
    command.help = text(HELP, path)
    help_option = command.get_help_option(typer.Context(command))
    if help_option is not None:
        (help_option.help,) = headings("help-option")
    for parameter in command.params:
        parameter.help = text(HELP, f"{path} {parameter.name}")
    for name, inner in getattr(command, "commands", {}).items():
        _put_into_words(inner, f"{path} {name}")
