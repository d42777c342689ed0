from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.config import Range, Share, build, load, put, read_toml, to_toml
from lprkit.core.errors import ConfigError, LprError


@dataclass(frozen=True)
class Part:
    rate: float = 1e-3
    steps: int = 10


@dataclass(frozen=True)
class Settings:
    name: str = "a"
    model: Literal["small", "large"] = "small"
    on: bool = False
    sizes: tuple[int, ...] = ()
    pair: tuple[str, float] = ("x", 0.5)
    limit: int | None = None
    part: Part = Part()
    parts: tuple[Part, ...] = ()
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounded:
    share: Share = 0.5
    sizes: Annotated[tuple[int, ...], Range(1)] = (1,)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False)
whole = st.integers(-(2**60), 2**60)
parts = st.builds(Part, numbers, whole)
settings = st.builds(
    Settings,
    name=texts,
    model=st.sampled_from(["small", "large"]),
    on=st.booleans(),
    sizes=st.lists(whole, max_size=3).map(tuple),
    pair=st.tuples(texts, numbers),
    limit=st.none() | whole,
    part=parts,
    parts=st.lists(parts, max_size=2).map(tuple),
    names=st.dictionaries(texts, texts, max_size=3),
)


@given(settings)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, value: Settings) -> None:
    file = tmp_path_factory.mktemp("config") / "c.toml"
    file.write_text(to_toml(value), encoding="utf-8", newline="")
    assert load(Settings, file) == value


def test_changes_go_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("name = 'b'\n[part]\nsteps = 3\n")
    changed = load(Settings, file, ["part.rate=2", "model=large", "sizes=[1, 2]", "limit=5"])
    assert changed == Settings(name="b", model="large", sizes=(1, 2), limit=5, part=Part(2.0, 3))


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"nmae": "b"}, "f: No setting named 'nmae'. Did you mean 'name'?"),
        ({"part": {"stepz": 1}}, "No setting named 'stepz'. Did you mean 'steps'?"),
        ({"name": 1}, "f: name: expected str, got 1."),
        ({"on": 1}, "f: on: expected bool, got 1."),
        ({"part": {"steps": True}}, "steps: expected int, got True."),
        ({"model": "huge"}, "f: model: 'huge' is not one of 'small', 'large'."),
        ({"sizes": 3}, "f: sizes: expected a list, got 3."),
        ({"sizes": [1, "a"]}, "f: sizes: expected int, got 'a'."),
        ({"pair": ["a"]}, "f: pair: expected 2 values, got ['a']."),
        ({"part": 3}, "f: part: expected a group of settings, got 3."),
        ({"names": 3}, "f: names: expected a group of settings, got 3."),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(tree: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Settings, tree, "f")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_required_setting_is_asked_for() -> None:
    @dataclass(frozen=True)
    class Needs:
        size: int

    with pytest.raises(ConfigError, match="f: the setting 'size' is missing"):
        build(Needs, {}, "f")


@pytest.mark.parametrize("change", ["rate", "=3", "name.deeper=3"])
def test_a_change_that_cannot_be_made_is_refused(change: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        put({"name": "a"}, change)


@pytest.mark.parametrize("content", [b"a = ", b"\xff\xfe", None])
def test_a_bad_file_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "c.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(LprError, match=r"c\.toml: "):
        read_toml(file)


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"share": 1.5}, "c: share: 1.5 is out of range. Give 0 to 1."),
        ({"share": float("nan")}, "c: share: nan is out of range. Give 0 to 1."),
        ({"share": "much"}, "c: share: expected float, got 'much'."),
        ({"sizes": [3, 0]}, r"c: sizes: \(3, 0\) is out of range. Give 1 or more."),
    ],
)
def test_numbers_out_of_range_are_refused(tree: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(Bounded, tree, "c")


def test_numbers_within_range_are_taken() -> None:
    assert build(Bounded, {"share": 1, "sizes": []}, "c") == Bounded(1.0, ())
