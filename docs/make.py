"""Writes what is generated in docs/: the tables and texts between markers, and the drawn pictures in docs/img/.

A generated part stands between `<!-- NAME -->` and `<!-- end -->`. Run by `make docs`; a test checks the texts.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import groupby
from pathlib import Path
from runpy import run_path

import numpy as np

import lprkit
from lprkit import plates
from lprkit.cli.list import LISTS
from lprkit.core.image import save
from lprkit.core.types import Image, Region, Serial
from lprkit.weights import bundled, find
from lprkit.weights.card import card_of

DOCS = Path(__file__).resolve().parent
PICTURES = DOCS / "img"
STYLES_SHOWN = 4
TRIES = 400
"""Serials drawn to find one in every style."""


def main() -> None:
    """Writes every page and every picture."""
    for page in PAGES:
        (DOCS / page).write_text(filled(page), encoding="utf-8")
    for code in plates.codes():
        save_small(PICTURES / "plates" / f"{code}.png", samples(plates.region(code)))
    save(PICTURES / "street.jpg", street(), quality=80)


def filled(page: str) -> str:
    """The text of a page with its generated parts made anew."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for name, make in PAGES[page].items():
        part = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert part.search(text), f"{page} has no part {name}"
        made = make().replace("\\", r"\\")
        text = part.sub(rf"\g<1>{made}\n\g<2>", text)
    return text


def region_format() -> str:
    """The format of a region file, as its module explains it."""
    paragraphs = (import_module("lprkit.plates.region").__doc__ or "").strip().split("\n\n")[1:]
    parts = groupby(paragraphs, key=lambda paragraph: paragraph.startswith("    "))
    return "\n\n".join(fenced("\n\n".join(part)) if indented else "\n\n".join(part) for indented, part in parts)


def fenced(block: str) -> str:
    """An indented block as a fenced one."""
    return f"```{'toml' if ' = ' in block else 'text'}\n{textwrap.dedent(block)}\n```"


def region_table() -> str:
    """Every region: its code, name, rows, kinds and drawn samples."""
    return table(
        {**row, "drawn": f"![plates of {row['name']}](img/plates/{row['code']}.png)"} for row in LISTS["regions"]()
    )


def format_table() -> str:
    """Every format of labelled data."""
    return table(LISTS["formats"]())


def model_table() -> str:
    """Every network with its size, over the alphabet of all regions."""
    import torch

    from lprkit.models import MODELS, build
    from lprkit.models.network import cost

    rows = []
    alphabet = plates.alphabet(plates.codes())
    for name in MODELS:
        with torch.device("meta"):  # sizes only
            network = build(name, 1 if name == "detector" else alphabet.classes)
        size = cost(network)
        rows.append(
            {
                "name": name,
                "task": network.task,
                "input": f"{network.spec.height}x{network.spec.width} {network.spec.channels}",
                "steps": network.steps or "",
                "rows": network.rows if network.steps else "",
                "parameters": f"{size.params:,}",
                "multiply-adds": f"{size.macs / 1e6:.0f} M",
            }
        )
    return table(rows)


def published_table() -> str:
    """Every rebuilt network over its own alphabet, counted as its source counts."""
    import torch

    from lprkit.models import build
    from lprkit.models.network import cost
    from lprkit.models.published import PUBLISHED

    rows = []
    for original in PUBLISHED:
        with torch.device("meta"):
            network = build(original.model, original.classes, original.options)
        size = cost(network)
        rows.append(
            {
                "name": " ".join([original.model, *(f"{key}={value}" for key, value in original.options.items())]),
                "rebuilt after": original.source,
                "classes": original.classes,
                "steps": network.steps,
                "parameters": f"{size.params if original.counted == 'trainable' else size.deploy_params:,}",
                "counted": original.counted,
                "multiply-adds": f"{size.macs / 1e6:,.1f} M",
            }
        )
    return table(rows)


def weight_table() -> str:
    """The bundled models with where they come from."""
    cards = {name: card_of(find(name)) for name in bundled()}
    return table(
        {
            "name": name,
            "input": f"{card.input.height}x{card.input.width} {card.input.channels}",
            "size": f"{bundled()[name].bytes / 1e6:.1f} MB",
            "seed": card.origin.get("config", {}).get("seed", ""),
            "trained on": "; ".join(card.origin.get("licences", ())),
        }
        for name, card in cards.items()
    )


def table(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as a Markdown table; the keys of the first are its head."""
    listed = list(rows)
    assert listed, "a table needs a row"
    lines = [list(listed[0]), ["---"] * len(listed[0]), *([str(v) for v in row.values()] for row in listed)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def samples(region: Region) -> Image:
    """A strip of plates of the region in its first styles."""
    from lprkit.synth import glyphs
    from lprkit.synth.draw import draw
    from lprkit.synth.look import only
    from lprkit.synth.sheet import contact_sheet

    look = only(band=1, border=1, caption=1, seals=1)
    book = glyphs.find()
    drawn = [
        draw(serial, book, np.random.default_rng(n), 56 * serial.rows, look).image
        for n, serial in enumerate(one_of_each_style(region))
    ]
    return contact_sheet(drawn, columns=STYLES_SHOWN)


def street() -> Image:
    """The street that `make demo` draws, with what lprkit reads in it."""
    image = run_path(str(DOCS.parent / "examples" / "draw_street.py"))["street"]().image
    return lprkit.annotate(image, lprkit.read(image))


def one_of_each_style(region: Region) -> Sequence[Serial]:
    """A legal serial in each of the first styles of the region that are ever drawn."""
    rng = np.random.default_rng(0)
    found = {serial.style.name: serial for serial in (plates.legal(region, rng) for _ in range(TRIES))}
    return [found[style.name] for style in region.styles if style.name in found][:STYLES_SHOWN]


def save_small(path: Path, image: Image) -> None:
    """Writes a PNG of few colours."""
    from PIL import Image as PilImage

    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(image).quantize(96).save(path, optimize=True)


PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "regions.md": {"format": region_format, "regions": region_table},
    "models.md": {"weights": weight_table, "models": model_table, "published": published_table},
    "data.md": {"formats": format_table},
}
"""Page -> name of a generated part -> what makes it."""

if __name__ == "__main__":
    main()
