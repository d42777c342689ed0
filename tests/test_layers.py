import ast
import subprocess
import sys
from pathlib import Path

import pytest

BANNED = {"utils", "helpers", "common", "misc", "base", "manager", "handler"}
"""Words that say nothing about what is in a file."""
LONGEST = 300
"""Lines of a module; a longer one holds more than one idea."""


@pytest.fixture(scope="module")
def modules(root: Path) -> list[Path]:
    return sorted((root / "src" / "lprkit").rglob("*.py"))


def test_imports_point_down(root: Path) -> None:
    pytest.importorskip("importlinter")
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", check], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


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
