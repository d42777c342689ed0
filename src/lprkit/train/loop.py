"""The training loop."""

from __future__ import annotations

import copy
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from lprkit.core.card import ModelCard
from lprkit.core.config import to_toml
from lprkit.core.errors import ConfigError, ModelError
from lprkit.models.network import Network
from lprkit.models.store import CARD, WEIGHTS, load_weights, save_weights, transfer, weights_file
from lprkit.train import checkpoint, detecting, reading
from lprkit.train.log import Log
from lprkit.train.optim import average, optimizer, rate_at
from lprkit.train.pool import Item, Pool
from lprkit.train.settings import Settings
from lprkit.train.task import Task

if TYPE_CHECKING:
    from lightning.fabric import Fabric


def train(settings: Settings, out: Path, resume: bool = False, max_minutes: float | None = None) -> Path:
    """Trains into the run folder `out`, which it returns; stops after `max_minutes`, to be resumed."""
    from lightning.fabric import Fabric

    if not resume and (out / checkpoint.STATE).exists():
        raise ConfigError(f"{out}: already holds a run. Continue it with --resume {out}, or choose another --out.")
    if resume and not (out / checkpoint.STATE).exists():
        raise ConfigError(f"{out}: holds no run to resume, it has no {checkpoint.STATE}.")
    if settings.initial and not resume:
        weights_file(settings.initial)  # said before hours of drawing
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.toml").write_text(to_toml(settings), encoding="utf-8")
    fabric = Fabric(accelerator=settings.accelerator, devices=1, precision=settings.precision)
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    task = (detecting if "detector" in settings.model else reading).task(settings, out)
    pool = Pool(out / "pool", task.recipe, settings.drawn.count)
    pool.start(settings.drawn.workers)
    try:
        _Run(settings, out, fabric, task, pool).go(max_minutes)
    finally:
        pool.stop()
    return out


@dataclass
class Deadline:
    """When a run must stop."""

    at: float

    @property
    def passed(self) -> bool:
        """Whether it is time."""
        return time.time() > self.at


class _Run:
    """Everything that changes while a network is trained."""

    def __init__(self, settings: Settings, out: Path, fabric: Fabric, task: Task, pool: Pool) -> None:
        self.settings, self.out, self.fabric, self.task, self.pool = settings, out, fabric, task, pool
        self.plain: Network = task.network
        fresh = settings.initial and not (out / checkpoint.STATE).exists()
        self.began = transfer(self.plain, task.card.tokens, settings.initial) if fresh else None
        self.averaged: Network = copy.deepcopy(task.network).to(fabric.device).eval()
        for module in self.plain.modules():
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network, self.moving = fabric.setup(self.plain, optimizer(self.plain, settings.optim))
        self.state = checkpoint.restore(out, self.plain, self.averaged, self.moving)

    def go(self, max_minutes: float | None) -> None:
        """Steps until the end or the deadline, then writes the card."""
        settings = self.settings
        deadline = Deadline(time.time() + 60 * max_minutes if max_minutes else float("inf"))
        log = Log(self.out, settings.steps, self.state.step)
        if self.began:
            log.tell(f"from {settings.initial}: {self.began}")
        losses: list[torch.Tensor] = []
        started = time.time()
        try:
            while self.state.step < settings.steps and not deadline.passed:
                losses.append(self.step())
                log.advance(self.state.step)
                if self.state.step % settings.log_every == 0:
                    speed = len(losses) * settings.batch / (time.time() - started)
                    log.write(self.state.step, {"loss": torch.stack(losses).mean().item(), "images_per_second": speed})
                    losses.clear()
                    started = time.time()
                if self.state.step % settings.validate_every == 0:
                    self.validate(log)
                if self.state.step % settings.save_every == 0:
                    self.save()
            self.validate(log)
            self.save()
        finally:
            log.close()
        self.finish()

    def step(self) -> torch.Tensor:
        """One move of the weights; its loss."""
        settings, step = self.settings, self.state.step
        for group in self.moving.param_groups:
            group["lr"] = rate_at(step, settings.steps, settings.optim)
        seed = settings.seed * 1_000_003 + step
        torch.manual_seed(seed)  # dropout: a resumed run draws what an uninterrupted one would
        self.network.train()
        generator = torch.Generator().manual_seed(seed)
        loss = self.task.loss(self.network, self.batch(step), generator, self.fabric.device)
        if not torch.isfinite(loss):
            raise ModelError(f"{self.out}: the loss is {loss.item()} at step {step}. Lower optim.rate and start again.")
        self.fabric.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), settings.optim.clip)
        self.moving.step()
        self.moving.zero_grad()
        average(self.averaged, self.plain, settings.optim.ema, step)
        self.state.step += 1
        return loss.detach()

    def batch(self, step: int) -> Item:
        """The batch of a step: drawn evenly from what the pool is due to hold by then."""
        settings = self.settings
        due = round(settings.drawn.first + step * settings.batch / settings.drawn.reuse)
        due = min(max(due, settings.batch), self.pool.count)
        self.pool.wait(due)
        return self.pool.take(np.random.default_rng([settings.seed, step]).integers(0, due, settings.batch))

    def validate(self, log: Log) -> None:
        """Measures the averaged weights and keeps them if they are the best so far."""
        with torch.inference_mode():
            figures = self.task.validate(self.averaged, self.fabric.device)
        log.write(self.state.step, figures)
        if figures[self.task.best] >= self.state.best:
            save_weights(self.averaged, self.out / WEIGHTS)
            self.state.best = figures[self.task.best]
            self.card(replace(self.task.card, scores=figures))

    def save(self) -> None:
        """Checkpoints what a resumed run needs."""
        checkpoint.save(self.out, self.plain, self.averaged, self.moving, self.state)

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
