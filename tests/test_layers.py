import ast
from pathlib import Path

import pytest

BANNED = {"utils", "helpers", "common", "misc", "base", "manager", "handler"}
"""Words that say nothing about what is in a file."""
LONGEST = 300
"""Lines of a module; a longer one holds more than one idea."""


@pytest.fixture(scope="module")
def modules(root: Path) -> list[Path]:
    return sorted((root / "src" / "lprkit").rglob("*.py"))


def test_imports_point_down(root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    cli = pytest.importorskip("importlinter.cli")
    monkeypatch.chdir(root)
    assert cli.lint_imports(no_cache=True) == 0, capfd.readouterr().out


def test_files_are_short_and_named_for_what_is_in_them(modules: list[Path]) -> None:
    assert modules
    assert [f"{file}: {n} lines" for file in modules if (n := len(file.read_text().splitlines())) > LONGEST] == []
    assert [file for file in modules if BANNED & set(file.stem.split("_"))] == []


def test_every_public_function_says_what_comes_back(modules: list[Path]) -> None:
    silent = [
        f"{file}:{node.lineno} {node.name}"
        for file in modules
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
