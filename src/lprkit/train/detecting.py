"""Training a detector: frames in, boxes and corners out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import nn

from lprkit.core.card import ModelCard
from lprkit.core.errors import ConfigError
from lprkit.core.geometry import Quad, box_of, iou
from lprkit.core.types import Image
from lprkit.decode import objects as decode
from lprkit.models import build
from lprkit.models.store import blank_card
from lprkit.synth.camera import CAMERAS
from lprkit.synth.generate import ScenePlan
from lprkit.synth.sheet import contact_sheet
from lprkit.train import augment
from lprkit.train.changes import Augment
from lprkit.train.frames import ENTRY, OBJECTS, FrameRecipe, Shares, quad_at, whole
from lprkit.train.losses import detection
from lprkit.train.photographs import is_held_out, photographs
from lprkit.train.pool import Item
from lprkit.train.settings import Settings
from lprkit.train.task import Batch, Found, Task

CROP = 320
"""Training sees random squares of this many px cut from the pool's windows."""
SHOWN = 8
"""Frames on the sheet of a validation."""
Colour: TypeAlias = tuple[int, int, int]
TRUTH: Colour = (60, 220, 60)
FOUND: Colour = (255, 60, 60)


def task(settings: Settings, out: Path) -> Task:
    """The detector of these settings."""
    if settings.augment != Augment():
        raise ConfigError("A detector's frames are changed in one fixed way. Leave the section [augment] out.")
    if settings.teacher.model:
        raise ConfigError("teacher.model: only readers imitate another one. Leave the section [teacher] out.")
    network = build(settings.model, len(settings.labels), settings.network)
    photos = photographs(settings.real.data)
    held = [s for s in photos if is_held_out(s, settings.real.held_out)]
    learnt = tuple(s for s in photos if not is_held_out(s, settings.real.held_out))
    plan = ScenePlan(
        regions=settings.drawn.regions,
        weights=settings.drawn.weights,
        seed=settings.seed,
        legal=settings.drawn.legal,
        oversample=settings.drawn.oversample,
        camera=CAMERAS[settings.drawn.camera],
        glyphs=settings.drawn.glyphs,
        without=settings.drawn.without,
    )
    shares = Shares(settings.real.share if learnt else 0.0, settings.drawn.swap if learnt else 0.0)
    recipe = FrameRecipe(plan, settings.labels, learnt, shares)
    size = (network.spec.height, network.spec.width)
    frames = [whole(sample, settings.labels, size) for sample in held]
    card = replace(
        blank_card(settings.name, settings.model, network, settings.labels),
        options={"model": settings.model, "network": dict(settings.network), "stride": network.stride},
    )

    def prepare(item: Item, generator: torch.Generator, device: torch.device) -> Batch:
        pictures, things = _cropped(item, generator, device)
        seen = torch.from_numpy(item.label[:, OBJECTS * ENTRY :]).to(device)
        pictures = augment.frames(pictures, generator).contiguous(memory_format=torch.channels_last)
        return Batch(pictures, (things, seen))

    def loss(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
        things, seen = batch.truth
        return detection(net(batch.pictures).float(), things, seen, network.stride)

    def validate(net: nn.Module, device: torch.device) -> Found:
        return _found(net, frames, card, device)

    def finish(net: nn.Module, card: ModelCard) -> ModelCard:
        return replace(card, scores=dict(validate(net, next(net.parameters()).device).figures))

    return Task(network, card, recipe, prepare, loss, validate, "f1", finish)


def _cropped(batch: Item, generator: torch.Generator, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """One random square of the windows for the whole batch, 0-1, and the things in its px."""
    spare = batch.picture.shape[1] - CROP
    left, top = (int(n) for n in torch.randint(0, spare + 1, (2,), generator=generator))
    squares = np.ascontiguousarray(batch.picture[:, top : top + CROP, left : left + CROP])
    pictures = torch.from_numpy(squares).to(device).permute(0, 3, 1, 2).float() / 255
    things = torch.from_numpy(batch.label[:, : OBJECTS * ENTRY].copy()).view(-1, OBJECTS, ENTRY)
    things[:, :, 1:9:2] -= left
    things[:, :, 2:9:2] -= top
    centre = torch.stack([things[:, :, 1:9:2].mean(dim=2), things[:, :, 2:9:2].mean(dim=2)], dim=2)
    outside = (centre < 0).any(dim=2) | (centre >= CROP).any(dim=2)
    things[:, :, 0] = torch.where(outside, -1.0, things[:, :, 0])
    # Boxes end at the picture's edge, as they do in a frame; corners of cut plates are not asked for.
    clipped = things[:, :, 1:9].clamp(0, CROP)
    cut = (clipped != things[:, :, 1:9]).any(dim=2)
    things[:, :, 9] = torch.where(cut, 0.0, things[:, :, 9])
    things[:, :, 1:9] = clipped
    return pictures, things.to(device)


def _found(net: nn.Module, frames: Sequence[Item], card: ModelCard, device: torch.device) -> Found:
    """Recall, precision and F1 of plates at IoU 0.5 over whole held-out photographs."""
    found = wanted = alarms = 0
    scores: list[float] = []
    shown: list[Image] = []
    for frame in frames:
        picture = torch.from_numpy(frame.picture).to(device).permute(2, 0, 1)[None].float() / 255
        output = net(picture).float().cpu().numpy()[0]
        plates = [d for d in decode.detections(output, card, 0.4) if d.label == "license_plate"]
        entries = frame.label[: OBJECTS * ENTRY].reshape(OBJECTS, ENTRY)
        truth = [quad_at(entry) for entry in entries if entry[0] == 0]
        spared = [quad_at(entry) for entry in entries if entry[0] == -2]
        hits = sum(any(iou(box_of(d.quad), box_of(q)) >= 0.5 for d in plates) for q in truth)
        found, wanted = found + hits, wanted + len(truth)
        alarms += sum(not any(iou(box_of(d.quad), box_of(q)) >= 0.3 for q in truth + spared) for d in plates)
        scores += [d.score for d in plates]
        if len(shown) < SHOWN:
            shown.append(_outlined(frame.picture, [(TRUTH, q) for q in truth] + [(FOUND, d.quad) for d in plates]))
    recall = found / max(1, wanted)
    precision = found / max(1, found + alarms)
    f1 = 2 * recall * precision / max(1e-9, recall + precision)
    return Found(
        {"recall": recall, "precision": precision, "f1": f1},
        contact_sheet(shown or [np.zeros((8, 8, 3), np.uint8)]),
        np.array(scores),
    )


def _outlined(picture: Image, quads: Sequence[tuple[Colour, Quad]]) -> Image:
    import cv2

    drawn = picture.copy()
    for colour, quad in quads:
        cv2.polylines(drawn, [np.round(np.asarray(quad)).astype(np.int32)], True, colour, 1, cv2.LINE_AA)
    return drawn
