"""Can each published network learn at all? At its full size it reads 64 drawn plates by heart.

    python benchmarks/overfit.py [lprnet-24x94 hailo-lprnet ...] [--limit 10000] [--threads 0] [--page]

Names are files in configs/, without .toml; none: all but our own readers and the detector. Each draws 64 plates as its
settings say and takes steps of 16 pictures, nothing changed and nothing dropped, until it reads all of them exactly, in
evaluation mode, with batch-norm's statistics taken anew from the same plates.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import performance
import torch
from torch.optim.swa_utils import update_bn

from lprkit.core import config
from lprkit.train import reading
from lprkit.train.augment import Augment
from lprkit.train.optim import optimizer, rate_at
from lprkit.train.pool import Pool
from lprkit.train.processes import fabric_of, keep_memory
from lprkit.train.settings import Optim, Real, Settings
from lprkit.train.task import Batch

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "models.md"
PLATES, BATCH = 64, 16
RATE = 1e-3
"""Of networks whose own optimiser is not Adam; the others keep theirs: batch-norm behind lprnet-korean's classes needs
a high one."""
WARM_UP = 20
"""Steps in which the rate rises to where it stays."""
LOW = 0.3
"""From this mean CTC loss a plate on, most are right: it is worth looking."""
HEAD = ("| settings | steps | pictures seen | CPU seconds | read exactly, of 64 |", "|---|---:|---:|---:|---:|")


@dataclass(frozen=True)
class Learnt:
    """How far one network came."""

    name: str
    steps: int
    seconds: float
    """Of all cores together: the machine may be busy."""
    exact: int
    """Of PLATES."""

    def __str__(self) -> str:
        pictures = self.steps * BATCH
        return f"| {self.name} | {self.steps:,} | {pictures:,} | {self.seconds:,.0f} | {self.exact} |"


def main() -> None:
    """Prints a row a network; with --page writes them into the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=presets(), help="files in configs/, without .toml")
    parser.add_argument("--limit", type=int, default=10000, help="steps")
    parser.add_argument("--threads", type=int, default=0, help="of the training; 0: all")
    parser.add_argument("--page", action="store_true", help="rewrite these rows of the table in docs/models.md")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    for name in options.names:
        settings = config.load(Settings, ROOT / "configs" / f"{name}.toml")
        with tempfile.TemporaryDirectory() as folder:
            learnt = memorised(settings, options.limit, Path(folder))
        print(learnt, flush=True)
        if options.page:
            write([learnt])


def presets() -> list[str]:
    """The settings of published readers."""
    names = sorted(path.stem for path in (ROOT / "configs").glob("*.toml"))
    return [name for name in names if not name.startswith(("reader", "detector"))]


def memorised(settings: Settings, limit: int, folder: Path) -> Learnt:
    """Steps until every plate is read, or up to the limit."""
    settings = by_heart(settings)
    keep_memory()
    torch.manual_seed(settings.seed)
    task = reading.task(settings, folder)  # draws the plates that it validates on: those that are learnt
    plates = Pool(folder / "validation", task.recipe, PLATES).take(np.arange(PLATES))
    fabric = fabric_of(settings)
    plain = task.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network, moving = fabric.setup(plain, optimizer(plain, settings.optim))
    whole = task.prepare(plates, torch.Generator(), fabric.device)
    losses, exact, start = [float("inf")], 0.0, time.process_time()
    while exact < 1 and len(losses) <= limit:
        batch = nth(whole, len(losses) - 1, settings.seed)
        for group in moving.param_groups:
            group["lr"] = rate_at(len(losses) - 1, settings.steps, settings.optim)
        network.train()
        loss = task.loss(network, batch, 1.0)
        fabric.backward(loss)
        fabric.clip_gradients(network, moving, max_norm=settings.optim.clip)
        moving.step()
        moving.zero_grad()
        losses.append(float(loss.detach()))
        ends_round = len(losses) % (PLATES // BATCH) == 1
        if (ends_round and np.mean(losses[-PLATES // BATCH :]) < LOW) or len(losses) > limit:
            update_bn(whole.pictures.split(BATCH), network)
            with torch.inference_mode():
                exact = task.validate(plain.eval(), fabric.device).figures["exact"]
    return Learnt(settings.name, len(losses) - 1, time.process_time() - start, round(exact * PLATES))


def by_heart(settings: Settings) -> Settings:
    """The same plates and the same network; nothing that keeps it from learning them by heart."""
    optim = Optim(
        name="adam",
        rate=settings.optim.rate if settings.optim.name == "adam" else RATE,
        decay=0.0,
        schedule="exponential",
        final=1.0,
        warmup=WARM_UP / settings.steps,
    )
    waiting = {"stn_start": 0} if "stn_start" in settings.network else {}
    return replace(
        settings,
        network={**settings.network, "dropout": 0.0, **waiting},
        augment=Augment(keep_original=1.0),
        drawn=replace(settings.drawn, workers=1),
        validation=PLATES,
        real=Real(),
        optim=optim,
    )


def nth(whole: Batch, step: int, seed: int) -> Batch:
    """The plates of a step: all of them once in every round, in another order each."""
    rounds, part = divmod(step, PLATES // BATCH)
    order = np.random.default_rng([seed, rounds]).permutation(PLATES)
    places = torch.from_numpy(order[part * BATCH : (part + 1) * BATCH])
    return Batch(whole.pictures[places], tuple(each[places] for each in whole.truth))


def write(learnt: Iterable[Learnt], page: Path = PAGE) -> None:
    """Puts the rows of these networks into the table and leaves those of others."""
    performance.write_rows("overfit", HEAD, {one.name: str(one) for one in learnt}, page)


if __name__ == "__main__":
    main()
