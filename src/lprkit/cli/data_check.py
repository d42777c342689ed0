"""`lprkit data check`: what is wrong with a labelled set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from lprkit import data, plates
from lprkit.cli.data_sets import echo, fresh, progress, write
from lprkit.core.alphabet import Alphabet
from lprkit.core.card import ModelCard
from lprkit.core.errors import ConfigError
from lprkit.core.types import Plate, Region
from lprkit.data.check import Rules, Verdict, examine, mended, sound
from lprkit.data.duplicates import Seen

OWN = "own"
"""The region that each plate is labelled with."""


def check(
    sources: Annotated[list[str], typer.Argument(metavar="FORMAT:PATH...", help="The sets to read.")],
    *,
    region: Annotated[
        str | None, typer.Option(help="Texts must be legal in this region; `own`: in that of their label.")
    ] = None,
    alphabet_of: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Texts must be writable by this reader, and fit its steps.")
    ] = None,
    steps: Annotated[int, typer.Option(min=0, help="Texts must fit this many CTC steps; 0: any length.")] = 0,
    duplicates: Annotated[bool, typer.Option(help="Look for pictures that are there twice, also across sets.")] = True,
    skip_bad: Annotated[
        str | None, typer.Option(metavar="FORMAT:PATH", help="Write a copy without the entries told here.")
    ] = None,
    fix: Annotated[
        str | None, typer.Option(metavar="FORMAT:PATH", help="The same, but with those that can be mended.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look for what is wrong in sets: file and line of each problem, exit code 1 if there is one.

    Broken lines, missing and unreadable pictures, empty and illegal texts, unknown characters, labels too long for a
    model, boxes outside the picture, duplicate pictures. --fix clips boxes and puts Cyrillic look-alikes, O/0 and I/1
    right where only one legal text comes of it.
    """
    if skip_bad and fix:
        raise ConfigError("--skip-bad and --fix both write a copy. Choose one.")
    card = _card(alphabet_of) if alphabet_of else None
    rules = Rules(
        alphabet=Alphabet(card.tokens) if card else None,
        steps=steps or (card.steps if card else 0),
        region_of=_region_of(region),
        duplicates=duplicates,
    )
    told = _Told(as_json)
    verdicts = told.all(_verdicts(sources, rules))
    out = fix or skip_bad
    if out:
        with fresh(out, sources) as target:
            count = write(target, mended(verdicts, rules) if fix else sound(verdicts), keep_paths=False)
        typer.echo(f"{count:,} samples in {out}", err=True)
    else:
        for _ in verdicts:
            pass
    told.end()
    raise typer.Exit(1 if told.problems else 0)


def _verdicts(sources: list[str], rules: Rules) -> Iterator[Verdict]:
    """The verdicts on all sets, counted on the terminal as they pass."""
    from dataclasses import replace

    seen = Seen()
    for spec in sources:
        keeps = data.find(data.spec_of(spec).format).keeps
        yield from examine(progress(data.entries(spec), spec), replace(rules, texts="text" in keeps), seen)


class _Told:
    """Prints problems as they come, and how many there were at the end."""

    def __init__(self, as_json: bool) -> None:
        self.as_json, self.entries, self.bad = as_json, 0, 0
        self.problems = Counter[str]()

    def all(self, verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
        """The verdicts themselves, each told."""
        for verdict in verdicts:
            self.entries += 1
            self.bad += bool(verdict.problems)
            for problem in verdict.problems:
                self.problems[problem.kind] += 1
                if self.as_json:
                    echo(json.dumps(asdict(problem), ensure_ascii=False))
                else:
                    echo(f"{problem.kind:<10} {problem.where:<40} {problem.message}")
            yield verdict

    def end(self) -> None:
        """The last line: all is well, or how often what is wrong."""
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.problems.most_common())
        said = f"{self.bad:,} of {self.entries:,} entries have problems: {kinds}" if kinds else "all is well"
        typer.echo(said if kinds else f"{self.entries:,} entries, {said}", err=self.as_json)


def _card(model: str) -> ModelCard:
    from lprkit.weights import find
    from lprkit.weights.card import card_of

    card = card_of(find(model))
    if card.task != "read":
        raise ConfigError(f"{model} is a detector and writes no text. Name a reader.")
    return card


def _region_of(name: str | None) -> Callable[[Plate], Region | None]:
    if name is None:
        return lambda plate: None
    if name == OWN:
        codes = frozenset(plates.codes())
        return lambda plate: plates.region(plate.region) if plate.region in codes else None
    one = plates.region(name)
    return lambda plate: one
