"""The command line: `lprkit COMMAND …`. Each command parses, calls the library, prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

import typer

import lprkit
from lprkit.core.errors import LprError
from lprkit.core.lookup import resolve

COMMANDS = {
    "read": "lprkit.cli.read:read",
    "synth": "lprkit.cli.synth:synth",
    "train": "lprkit.cli.train:train",
    "eval": "lprkit.cli.eval:evaluate",
    "adapt": "lprkit.cli.adapt:adapt",
    "compress": "lprkit.cli.compress:app",
    "export": "lprkit.cli.export:export",
    "data": "lprkit.cli.data:app",
    "list": "lprkit.cli.list:list_names",
    "doctor": "lprkit.cli.doctor:doctor",
    "bench": "lprkit.cli.bench:bench",
}

WRONG = 2
"""Exit code for wrong usage or data."""
INTERRUPTED = 130
"""What shells report after Ctrl-C: 128 + SIGINT."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and exits: 0 done, 1 some inputs failed, 2 wrong usage or data."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        typer.main.get_command(application(words))(args=words, prog_name="lprkit")
    except (LprError, OSError) as error:
        if debug:
            raise
        sys.exit(_told(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def application(words: Sequence[str]) -> typer.Typer:
    """The commands; when one is asked for, only that one is imported."""
    app = typer.Typer(name="lprkit", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(about)
    first = next((word for word in words if not word.startswith("-")), None)
    for name in [first] if first in COMMANDS else COMMANDS:
        found = resolve(COMMANDS, name, "command")
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(cast("Callable[..., Any]", found))
    return app


def about(
    version: bool = typer.Option(False, "--version", help="Print the version."),
    debug: bool = typer.Option(False, "--debug", help="Show where an error comes from; anywhere on the line."),
) -> None:
    """Reads licence plates, and makes the networks that read them."""
    if version:
        typer.echo(lprkit.__version__)
        raise typer.Exit


def _told(error: Exception) -> int:
    """Prints an error as one line; the exit code for it."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone (`| head`): nothing more to say, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    print(" ".join(str(error).split()), file=sys.stderr)
    return WRONG
