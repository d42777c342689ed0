"""Pictures that reading leaves behind: straight plates, and the frames with the readings drawn in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lprkit.core.image import save
from lprkit.pipeline.draw import annotate
from lprkit.pipeline.rectify import crop
from lprkit.pipeline.run import Findings


def saver(crops: Path | None = None, drawn: Path | None = None) -> Callable[[Findings], None]:
    """Writes each picture's plates as `crops/NAME_1.png` …, and the picture with its readings as `drawn/NAME.jpg`."""
    name_of = _namer()

    def keep(findings: Findings) -> None:
        if findings.image is None:
            return
        name = name_of(findings.source)
        if drawn is not None:
            save(drawn / f"{name}.jpg", annotate(findings.image, findings.sightings))
        for n, one in enumerate(findings.sightings if crops is not None else (), 1):
            assert crops is not None
            save(crops / f"{name}_{n}.png", crop(findings.image, one.detection.quad))

    return keep


def _namer() -> Callable[[str], str]:
    """The file name of each source without its ending, numbered where two would get the same."""
    taken: set[str] = set()

    def name_of(source: str) -> str:
        stem = Path(source).stem or "picture"
        name, n = stem, 1
        while name in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name)
        return name

    return name_of
