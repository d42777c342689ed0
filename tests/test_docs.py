import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer

from lprkit.cli.main import COMMANDS, application
from lprkit.core.image import save
from lprkit.synth.generate import ScenePlan, scene_at

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Where each fenced block of a language begins, and the block."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCED.finditer(text):
            if found[1] == language:
                yield f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 2}", found[2]


PYTHON = dict(blocks("python"))
LINES = {f"{where} {line}": line for where, block in blocks("sh") for line in block.splitlines() if line.strip()}
SCRIPTS = {script.name: script for script in sorted(ROOT.glob("examples/*.py"))}
LINKS = {
    f"{page.relative_to(ROOT)} {target}": page.parent / target
    for page in PAGES
    for target in re.findall(r"\]\(([^)#:]+)\)", FENCED.sub("", page.read_text(encoding="utf-8")))
}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn picture of the name that the docs use."""
    drawn = scene_at(1, ScenePlan(regions=("de",), sizes=((640, 480),)))
    assert drawn.image is not None
    file = tmp_path_factory.mktemp("docs") / "car.jpg"
    save(file, drawn.image)
    return file


@pytest.mark.parametrize("where", PYTHON)
def test_python_in_the_docs_runs(where: str, street: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(street.parent)
    exec(compile(PYTHON[where], where, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", SCRIPTS)
def test_examples_run(name: str, tmp_path: Path) -> None:
    assert '"""' in SCRIPTS[name].read_text(encoding="utf-8").splitlines()[0]
    done = subprocess.run([sys.executable, SCRIPTS[name]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("line", LINES)
def test_commands_in_the_docs_exist(line: str) -> None:
    words = LINES[line].split("#")[0].split()
    if words[0] == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert {word for word in words[1:] if "=" not in word} <= set(targets)
    elif words[0] == "lprkit":
        options = {option for parameter in command(words[1:]).params for option in parameter.opts}
        assert {word for word in words[2:] if word.startswith("--")} <= options | {"--help"}
    else:
        assert words[0] in ("pip", "git", "cd", "python")


def command(words: list[str]) -> typer.core.TyperCommand:
    """The command that a line begins with (`read`, `data convert`), with its options."""
    assert words[0] in COMMANDS
    found = typer.main.get_command(application(words[:1]))
    for word in words:
        if isinstance(found, typer.core.TyperGroup):
            found = found.commands[word]
    assert isinstance(found, typer.core.TyperCommand)
    return found


@pytest.mark.parametrize("link", LINKS)
def test_links_lead_somewhere(link: str) -> None:
    assert LINKS[link].exists()


def maker() -> ModuleType:
    """docs/make.py."""
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(maker().PAGES))
def test_generated_parts_are_current(page: str) -> None:
    if page == "models.md":
        pytest.importorskip("torch")
    assert maker().filled(page) == (ROOT / "docs" / page).read_text(encoding="utf-8"), "run: make docs"


def test_pictures_are_small_and_every_region_has_one() -> None:
    pictures = list((ROOT / "docs" / "img").rglob("*.*"))
    assert {picture.stem for picture in pictures if picture.parent.name == "plates"} == {
        region.stem for region in (ROOT / "src" / "lprkit" / "plates" / "regions").glob("*.toml")
    }
    assert [picture for picture in pictures if picture.stat().st_size > 200_000] == []
