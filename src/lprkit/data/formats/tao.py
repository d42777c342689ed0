"""A tree of crops as NVIDIA TAO has it: a text file a picture, and the list of all characters.

    images/000000.jpg
    labels/000000.txt         7XYZ123
    characters_list.txt       0
                              1
                              ...

Where there is a list of characters, a label with any other one is an error; so is a picture without a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from lprkit.core.alphabet import Alphabet
from lprkit.core.errors import DataError
from lprkit.core.image import find_images
from lprkit.core.types import Plate, Sample
from lprkit.data import files, store
from lprkit.data.format import Entry, Format, attempt
from lprkit.data.text import plain, tokens

CHARACTERS = "characters_list.txt"


def read(path: Path) -> Iterator[Entry]:
    """The crops of a tree, sorted by name."""
    files.labelled_folder(path, "images", "labels")
    alphabet = _alphabet(path / CHARACTERS)
    for picture in find_images(path / "images"):
        label = path / "labels" / picture.relative_to(path / "images").with_suffix(".txt")
        yield attempt(f"{label} line 1", partial(_sample, label=label, alphabet=alphabet), picture)


def write(samples: Iterable[Sample], path: Path) -> int:
    """Writes a tree; the characters are those that the labels have, sorted."""
    (path / "labels").mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    count = 0
    for sample in samples:
        text = store.labelled_crop(sample).text
        store.store(sample, path / "images", f"{count:06d}")
        (path / "labels" / f"{count:06d}.txt").write_text(text + "\n", encoding="utf-8")
        seen.update(tokens(text))
        count += 1
    _write_characters(path, seen)
    return count


def join(shards: Sequence[Path], path: Path) -> None:
    """Writes one list of the characters of all trees: a specification of TAO names several trees, but one list."""
    _write_characters(path, {line.text for shard in shards for line in files.lines(shard / CHARACTERS)})


def _write_characters(path: Path, seen: set[str]) -> None:
    (path / CHARACTERS).write_text("".join(f"{token}\n" for token in sorted(seen)), encoding="utf-8")


def _alphabet(path: Path) -> Alphabet | None:
    if not path.is_file():
        return None
    return Alphabet(tuple(dict.fromkeys(plain(line.text) or line.text for line in files.lines(path))))


def _sample(picture: Path, label: Path, alphabet: Alphabet | None) -> Sample:
    lines = list(files.lines(label))
    text = plain(lines[0].text) if len(lines) == 1 else ""
    if not text:
        raise DataError(f"{label} line {min(2, len(lines)) or 1}: expected one line, the plate's text.")
    if alphabet is not None:
        try:
            alphabet.split(text)
        except DataError as error:
            raise DataError(f"{lines[0].where}: {error} Add it to {CHARACTERS}.") from None
    return Sample((Plate(text),), str(picture), whole=True)


FORMAT = Format(read, write, join=join)
