"""The training loop."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from lprkit.core import config
from lprkit.core.card import ModelCard
from lprkit.core.errors import ConfigError, ModelError
from lprkit.models.network import Network
from lprkit.models.store import CARD, WEIGHTS, load_weights, save_weights, transfer, weights_file
from lprkit.train import checkpoint, detecting, reading
from lprkit.train.batches import AHEAD, Batches
from lprkit.train.deadline import Asked, Deadline
from lprkit.train.log import Log
from lprkit.train.optim import average, freeze, optimizer, penalty, rate_at, shake
from lprkit.train.pool import Item, Pool
from lprkit.train.processes import fabric_of, keep_memory, launch
from lprkit.train.settings import Settings
from lprkit.train.stop import watch
from lprkit.train.task import Task

if TYPE_CHECKING:
    from lightning.fabric import Fabric

CONFIG = "config.toml"
FAILED = "failed_batch.npz"
"""What a run leaves when its loss is no number."""


def train(settings: Settings, out: Path, resume: bool = False, max_minutes: float | None = None) -> Path:
    """Trains into the run folder `out`, which it returns; stops after `max_minutes`, to be resumed.

    Where Ctrl-C or SIGTERM asks it to stop, it writes what a resumed run needs and raises KeyboardInterrupt.
    """
    if not resume and (out / checkpoint.STATE).exists():
        raise ConfigError(f"{out}: already holds a run. Continue it with --resume {out}, or choose another --out.")
    if resume and not (out / checkpoint.STATE).exists():
        raise ConfigError(f"{out}: holds no run to resume, it has no {checkpoint.STATE}.")
    if resume:
        checkpoint.check_same(settings, config.load(Settings, out / CONFIG), out)
    if settings.blend and not settings.initial:
        raise ConfigError(f"blend = {settings.blend:g} needs the weights to start from. Give them as initial.")
    # Said before hours of drawing.
    if settings.initial and not resume:
        weights_file(settings.initial)
    for folder in settings.drawn.glyphs:
        if not Path(folder).exists():
            raise ConfigError(
                f"drawn.glyphs: there is no {folder} (paths count from {Path.cwd()}). Name what is there, or draw "
                "without: --set drawn.glyphs=[]"
            )
    fabric = fabric_of(settings)
    out.mkdir(parents=True, exist_ok=True)
    (out / CONFIG).write_text(config.to_toml(settings), encoding="utf-8")
    # Arguments of `Fabric.launch` may not be frozen dataclasses.
    launch(fabric, partial(work, settings=settings, out=out, max_minutes=max_minutes))
    return out


def work(fabric: Fabric, settings: Settings, out: Path, max_minutes: float | None) -> None:
    """What each process does; the first one draws the pool, measures and writes."""
    keep_memory()
    torch.backends.cudnn.benchmark = True  # every batch has the same shape
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    with fabric.rank_zero_first():
        task = (detecting if "detector" in settings.model else reading).task(settings, out)
        pool = Pool(out / "pool", task.recipe, settings.drawn.count)
    if fabric.is_global_zero:
        pool.start(settings.drawn.workers)
    try:
        _Run(settings, out, fabric, task, pool).go(max_minutes)
    finally:
        pool.stop()


class _Run:
    """Everything that changes while a network is trained."""

    def __init__(self, settings: Settings, out: Path, fabric: Fabric, task: Task, pool: Pool) -> None:
        self.settings, self.out, self.fabric, self.task, self.pool = settings, out, fabric, task, pool
        self.plain: Network = task.network
        fresh = settings.initial and not (out / checkpoint.STATE).exists()
        self.began = transfer(self.plain, task.card.tokens, settings.initial) if fresh else None
        self.averaged: Network = copy.deepcopy(task.network).to(fabric.device).eval()
        self.held = freeze(self.plain, settings.optim)
        for module in self.plain.modules():
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network, self.moving = fabric.setup(self.plain, optimizer(self.plain, settings.optim))
        self.state = checkpoint.restore(out, self.plain, self.averaged, self.moving)
        self.losses = list(torch.tensor(self.state.losses, device=fabric.device))
        self.since = time.time()
        self.batches = Batches(settings, fabric, task, pool, AHEAD if fabric.device.type == "cuda" else 0)
        self.log = Log(out, settings.steps, self.state.step) if fabric.is_global_zero else None
        if self.log and fresh and settings.blend:
            save_weights(self.averaged, out / checkpoint.FIRST)

    def go(self, max_minutes: float | None) -> None:
        """Steps until the end or the deadline, then writes the card."""
        if self.log and self.began:
            self.log.tell(f"from {self.settings.initial}: {self.began}")
        try:
            self.steps(Deadline(time.time() + 60 * max_minutes if max_minutes else float("inf")))
            if self.finished:
                self.mean()
        finally:
            self.batches.close()
            if self.log:
                self.log.close()
        if self.fabric.is_global_zero:
            self.finish()

    def steps(self, deadline: Deadline) -> None:
        """Steps, validates and checkpoints; the last two at the end too.

        What a run starts from is measured first where it matters: it may never be surpassed, and a slip in the name of
        the figure that is to stop the run should not cost the first steps. What is measured at the end, out of turn,
        does not count for that figure: a run that is resumed shall end where an uninterrupted one would.
        """
        settings, measured = self.settings, self.state.step or None
        if measured is None and self.state.best < 0 and (settings.initial or settings.stop.patience):
            self.validate()
            measured = 0
        with Asked() as asked:
            while not self.finished and self.ready(deadline, asked):
                self.losses.append(self.step())
                self.told()
                if self.state.step % settings.validate_every == 0:
                    self.validate()
                    measured = self.state.step
                if self.state.step % settings.save_every == 0:
                    self.save()
        if self.fabric.broadcast(bool(asked)):
            self.interrupt()
        if measured != self.state.step and self.fabric.is_global_zero:
            self.measure()
        self.save()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        patience = self.settings.stop.patience
        return self.state.step >= self.settings.steps or bool(patience and self.state.waited >= patience)

    def step(self) -> torch.Tensor:
        """One move of the weights; its loss."""
        settings, step = self.settings, self.state.step
        rate, seed = rate_at(step, settings.steps, settings.optim), self.batches.seed(step)
        for group in self.moving.param_groups:
            group["lr"] = rate
        # Dropout: a resumed run draws what an uninterrupted one would, and no two processes the same.
        torch.manual_seed(seed + (self.fabric.global_rank << 40))
        self.network.train()
        for module in self.held:
            module.eval()
        item, batch = self.batches.take(step)
        loss = self.task.loss(self.network, batch, step / settings.steps)
        if not torch.isfinite(loss):
            self.fail(item, loss)
        self.fabric.backward(loss + penalty(self.plain, settings.optim))
        largest = settings.optim.clip or float("inf")
        self.fabric.clip_gradients(self.network, self.moving, max_norm=largest, error_if_nonfinite=False)
        shake(self.plain, settings.optim.noise, seed)
        self.moving.step()
        self.moving.zero_grad()
        average(self.averaged, self.plain, settings.optim.ema, step)
        self.state.step += 1
        return loss.detach()

    def ready(self, deadline: Deadline, asked: Asked) -> bool:
        """Whether they are, before the time is up or somebody asks to stop."""
        due = self.batches.due(self.state.step)
        while not self.fabric.broadcast(deadline.passed or bool(asked)):
            if self.fabric.broadcast(not self.log or self.pool.wait(due, seconds=1.0)):
                return True
            if self.log:
                self.log.wait(self.pool.ready, due)
        return False

    def interrupt(self) -> None:
        """Leaves a checkpoint, and ends the run."""
        self.save()
        if self.log:
            self.log.tell(f"stopped after step {self.state.step}, as asked. Go on with --resume {self.out}")
        raise KeyboardInterrupt

    def fail(self, item: Item, loss: torch.Tensor) -> None:
        """Leaves the batch whose loss is no number, and ends the run."""
        np.savez(self.out / FAILED, picture=item.picture, label=item.label, step=self.state.step)
        raise ModelError(
            f"{self.out}: the loss is {loss.item()} at step {self.state.step}. Its batch is in {self.out / FAILED}; "
            "lower optim.rate and start again."
        )

    def told(self) -> None:
        """A line in the log, when it is time."""
        if self.log:
            self.log.advance(self.state.step)
        every = self.settings.log_every
        if self.state.step % every == 0:
            speed = every * self.settings.batch / (time.time() - self.since)
            rate = self.moving.param_groups[0]["lr"]
            self.write({"loss": self.loss(every), "rate": rate, "images_per_second": speed})
            self.since = time.time()

    def loss(self, steps: int) -> float:
        """The mean over the last steps and all processes."""
        return float(self.fabric.all_reduce(torch.stack(self.losses[-steps:]).mean(), reduce_op="mean"))

    def write(self, figures: Mapping[str, float]) -> None:
        """The figures of this step, in the log."""
        if self.log:
            self.log.write(self.state.step, figures)

    def validate(self) -> None:
        """Measures the averaged weights, keeps them if they are the best so far, and sees whether the run may end."""
        figures = {"loss": self.loss(len(self.losses)) if self.losses else float("inf")}
        self.losses.clear()
        if self.fabric.is_global_zero:
            figures |= self.measure()
            watch(self.state, self.settings.stop, figures, self.task.best)
        self.state = self.fabric.broadcast(self.state)

    def measure(self) -> dict[str, float]:
        """The figures of the averaged weights, which are kept if they are the best so far, or the last are wanted."""
        with torch.inference_mode():
            found = self.task.validate(self.averaged, self.fabric.device)
        self.write(found.figures)
        if self.log:
            self.log.show(self.state.step, found)
        if self.settings.choose == "last" or found.figures[self.task.best] >= self.state.best:
            save_weights(self.averaged, self.out / WEIGHTS)
            self.state.best = found.figures[self.task.best]
            self.card(replace(self.task.card, scores=found.figures))
        return dict(found.figures)

    def save(self) -> None:
        """Checkpoints what a resumed run needs."""
        losses = torch.stack(self.losses) if self.losses else torch.empty(0, device=self.fabric.device)
        self.state.losses = self.fabric.all_reduce(losses, reduce_op="mean").tolist()
        if self.fabric.is_global_zero:
            checkpoint.save(self.out, self.plain, self.averaged, self.moving, self.state)
            checkpoint.keep(self.out, self.averaged, self.state.step, self.settings.keep)

    def mean(self) -> None:
        """Measures the mean of the checkpoints that were kept: it is the one to keep if it is better than each.

        The mean with the weights that were started from is kept as it is.
        """
        files = checkpoint.kept(self.out)
        if self.log and len(files) > 1:
            checkpoint.mean(files, self.averaged)
            self.log.tell(f"the mean of the last {len(files)} checkpoints:")
            self.measure()
        first = self.out / checkpoint.FIRST
        if self.log and first.exists():
            files = [self.out / name for name in (checkpoint.FIRST, WEIGHTS, checkpoint.AVERAGED)]
            rest = (1 - self.settings.blend) / 2
            checkpoint.mean(files, self.averaged, (self.settings.blend, rest, rest))
            self.log.tell("the mean of the first, the best and the last weights:")
            self.state.best = -1.0
            self.measure()
            first.unlink()  # a finished run that is resumed must not do so again

    def finish(self) -> None:
        """Writes the card of the best weights."""
        load_weights(self.averaged, self.out / WEIGHTS)
        with torch.inference_mode():
            self.card(self.task.finish(self.averaged, self.task.card))

    def card(self, card: ModelCard) -> None:
        """Writes the card of the weights that are kept, so that a run can be looked at while it goes on."""
        origin = {"config": asdict(self.settings), "steps": self.state.step, "licences": list(self.settings.licences)}
        card = replace(card, origin={**card.origin, **origin})
        (self.out / CARD).write_text(card.to_json(), encoding="utf-8")
