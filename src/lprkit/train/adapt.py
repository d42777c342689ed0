"""A reader made better on plates without labels, and never worse on plates that were kept aside.

What the reader and the grammar are sure of becomes a label (self-training), and batch-norm learns how the new pictures
look (Li et al. 2016, arXiv 1603.04779). Drawn plates are mixed in, so that nothing is forgotten. The steps in between,
half old and half new weights (Wortsman et al. 2021, arXiv 2109.01903), are tried as well.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lprkit import plates
from lprkit.core.card import ModelCard
from lprkit.core.errors import DataError
from lprkit.core.image import save
from lprkit.core.types import Image
from lprkit.evaluate.agree import crop_plan
from lprkit.evaluate.sheet import latin
from lprkit.models.network import Network
from lprkit.models.store import CARD, WEIGHTS, save_weights
from lprkit.runtime import load
from lprkit.runtime.torch import runner_of
from lprkit.synth.sheet import contact_sheet
from lprkit.train import augment
from lprkit.train.changes import Augment
from lprkit.train.confirm import Rules, Verdict, trained_reader, verdicts
from lprkit.train.judge import judge, scaled
from lprkit.train.photographs import Room, unfit
from lprkit.train.pool import Item
from lprkit.train.reading import CropRecipe
from lprkit.train.self_training import GIVEN, Adapting, candidates, ctc_loss, shown, stacked
from lprkit.train.unlabelled import each_plate

FEWEST, MOST = 20, 10_000
"""Confirmed plates that are needed, and that are kept: more cost memory and teach little."""
DRAWN, DRAWN_HELD_OUT = 2000, 500
LONGEST = 24
"""Tokens of a label."""
SHOWN = 48
"""Plates on a contact sheet."""
WIDE_PX = 190
"""How wide each is there, at least."""
REPORT = "report.json"


@dataclass(frozen=True)
class Held:
    """What a reader reaches on the plates that were kept aside."""

    given: float
    """Share of the confirmed plates, jittered and changed, that it reads as they were confirmed."""
    drawn: float
    """Share of drawn plates that it reads right."""
    loss: float
    """The mean of both sets' CTC losses."""

    @property
    def rank(self) -> tuple[float, float]:
        """More is better: what it reads; of readers that read as much, how sure it is of the truth."""
        return (round(self.given + self.drawn, 9), -self.loss)


@dataclass(frozen=True)
class Adapted:
    """What came of it."""

    counts: Mapping[str, int]
    """Plates by what became of them: "confirmed", or why they were left out."""
    held: Mapping[str, Held]
    """By candidate: "as given", and those that were tried."""
    chosen: str
    """The best candidate that is on neither set worse than the model given."""

    @property
    def better(self) -> bool:
        """Whether another candidate than the model given was chosen."""
        return self.chosen != GIVEN


def adapt(model: str | Path, out: Path, how: Adapting) -> Adapted:
    """Leaves the better reader, or the one given, in the run folder `out`, with a report and contact sheets."""
    network, card = trained_reader(model)
    if (out / CARD).exists():
        raise DataError(f"{out}: already holds a model. Choose another --out.")
    recipe = CropRecipe(crop_plan(card, how.seed), card.input, card.alphabet, Room(card.steps, LONGEST))
    found = _confirmed(network, card, recipe, how)
    for name, (pictures, captions) in found.sheets.items():
        if pictures:
            save(out / f"{name}.png", contact_sheet(pictures, captions, columns=4))
    _expect_enough(found)
    drawn = [recipe.draw(n) for n in shown(range(DRAWN + DRAWN_HELD_OUT), "drawing")]
    held = {"given": _changed(stacked(found.held), how.seed), "drawn": stacked(drawn[DRAWN:])}
    made = candidates(network, stacked(found.learn), stacked(drawn[:DRAWN]), how)
    judged = {name: _held(candidate, held, network) for name, candidate in made.items()}
    result = Adapted(dict(found.counts), judged, best_of(judged))
    _write(out, result, made[result.chosen], _told(card, model, how, result))
    return result


def best_of(held: Mapping[str, Held]) -> str:
    """The candidate of the highest rank that is on neither set worse than the model given."""
    given = held[GIVEN]
    fair = [name for name, one in held.items() if one.given >= given.given and one.drawn >= given.drawn]
    best = max(fair, key=lambda name: held[name].rank)
    return best if held[best].rank > given.rank else GIVEN


@dataclass
class _Found:
    """The plates by what became of them."""

    counts: Counter[str]
    learn: list[Item]
    held: list[Item]
    sheets: dict[str, tuple[list[Image], list[str]]]

    def show(self, name: str, verdict: Verdict) -> None:
        """Puts the plate on a contact sheet, if there is room."""
        pictures, captions = self.sheets[name]
        if len(pictures) < SHOWN:
            times = -(-WIDE_PX // verdict.views[0].shape[1])  # captions need room
            pictures.append(verdict.views[0].repeat(times, axis=0).repeat(times, axis=1))
            captions.append(latin(" ".join(filter(None, (verdict.plate.text, verdict.refused)))))


def _confirmed(network: Network, card: ModelCard, recipe: CropRecipe, how: Adapting) -> _Found:
    """Reads every plate several ways, and keeps the views of those that can be believed."""
    readers = tuple(load(name) for name in how.readers)
    region = plates.region(how.region) if how.region else None
    rules = Rules(region, how.least, readers, how.labelled)
    found = _Found(Counter(), [], [], {"confirmed": ([], []), "refused": ([], [])})
    samples = shown(each_plate(how.data), "reading the plates")
    for verdict in verdicts(samples, runner_of(network, card), rules, how.seed):
        refused = verdict.refused or unfit(verdict.plate, recipe.alphabet, recipe.room)
        found.counts[refused or "confirmed"] += 1
        found.show("refused" if refused else "confirmed", replace(verdict, refused=refused))
        if not refused:
            is_held = zlib.crc32(verdict.plate.text.encode()) % 1000 < how.held_out * 1000
            (found.held if is_held else found.learn).extend(recipe.item(view, verdict.plate) for view in verdict.views)
        if found.counts["confirmed"] >= MOST:
            break
    return found


def _expect_enough(found: _Found) -> None:
    """A DataError when too few plates were confirmed to learn from and to decide by."""
    count, total = found.counts["confirmed"], sum(found.counts.values())
    if count < FEWEST:
        left_out = ", ".join(f"{count} {why}" for why, count in found.counts.items() if why != "confirmed")
        raise DataError(
            f"{count} of {total} plates are confirmed, at least {FEWEST} are needed ({left_out or 'that was all'})."
            " Give more plates, their region, or labels with --labelled."
        )
    if not (found.learn and found.held):
        raise DataError(
            f"All {count} confirmed plates say nearly the same: none is left to decide by. Give other plates."
        )


@torch.no_grad()
def _held(candidate: Network, held: Mapping[str, Item], network: Network) -> Held:
    judged = {
        name: judge(
            candidate.eval(), items, network.spec, lambda scores, labels: ctc_loss(scores, labels, network.rows)
        )
        for name, items in held.items()
    }
    exact = {name: float(one.right.mean()) for name, one in judged.items()}
    return Held(exact["given"], exact["drawn"], float(np.mean([one.loss for one in judged.values()])))


def _changed(items: Item, seed: int) -> Item:
    """The pictures as they are, and once more blurred, moved and relit: the first alone are read too easily."""
    generator = torch.Generator().manual_seed(seed)
    pictures = augment.plates(scaled(items, torch.device("cpu")), Augment(), generator)
    changed = (pictures * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return Item(np.concatenate([items.picture, changed]), np.concatenate([items.label, items.label]))


def _told(card: ModelCard, model: str | Path, how: Adapting, result: Adapted) -> ModelCard:
    """The card of the result; the old one when nothing was changed."""
    if not result.better:
        return card
    told = {"from": str(model), "how": asdict(how), "confirmed": result.counts["confirmed"], "as": result.chosen}
    return replace(card, origin={**card.origin, "adapted": told})


def _write(out: Path, result: Adapted, network: Network, card: ModelCard) -> None:
    out.mkdir(parents=True, exist_ok=True)
    report = json.dumps({"better": result.better, **asdict(result)}, ensure_ascii=False, indent=1)
    (out / REPORT).write_text(report + "\n", encoding="utf-8")
    save_weights(network, out / WEIGHTS)
    (out / CARD).write_text(card.to_json(), encoding="utf-8")
