import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lprkit import plates
from lprkit.cli.list import LISTS
from lprkit.cli.main import COMMANDS, application, main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code of a command line, and what it printed on each stream."""
    with pytest.raises(SystemExit) as caught:
        main(words)
    out, err = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, out, err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_on_every_option(name: str) -> None:
    command = typer.main.get_command(application([name]))
    assert isinstance(command, typer.core.TyperGroup)
    shown = CliRunner().invoke(application([name]), [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert command.commands[name].help
    silent = [p.name for p in command.commands[name].params if not getattr(p, "help", None)]
    assert silent == []


def test_the_program_says_what_it_is() -> None:
    shown = CliRunner().invoke(application([]), ["--help"])
    assert shown.exit_code == 0
    assert all(name in shown.output for name in COMMANDS)


WRONG = {
    "no such command": ("reed", "car.jpg"),
    "no such option": ("read", "car.jpg", "--colour", "red"),
    "no picture named": ("read",),
    "no such picture": ("eval", "reader", "--data", "plates-csv:/nowhere"),
    "no such format": ("eval", "reader", "--data", "plates-cvs:/nowhere"),
    "no such list": ("list", "regoins"),
    "no such region": ("synth", "zz", "--count", "1", "--out", "unused"),
    "no such settings": ("train", "nowhere.toml"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_without_a_traceback(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *WRONG[name])
    assert code == 2
    assert err.strip() and "Traceback" not in err
    assert out == ""


def test_a_typing_error_is_answered_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean 'regions'?" in said(capsys, "list", "regoins")[2]


def test_a_list_is_json_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "list", "regions", "--json")
    assert code == 0
    assert {json.loads(line)["code"] for line in out.splitlines()} == set(plates.codes())


def test_every_list_prints(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "list")
    assert code == 0
    assert all(name in out for name in LISTS)
