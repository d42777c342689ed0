"""Windows cut from frames for a detector: photographs as they are, photographs with new plates, drawn scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lprkit.core.geometry import Quad, box_of, quad_from, quad_of
from lprkit.core.image import load
from lprkit.core.types import Image, Label, Plate, Sample
from lprkit.synth import generate
from lprkit.synth.generate import ScenePlan
from lprkit.train.pool import Item

OBJECTS = 16
"""Things that a window may hold; more are left out, largest first kept."""
ENTRY = 10
"""Numbers a thing: label, x0, y0 … x3, y3 in window px, 1 if the corners are known."""
SMALLEST_PX = 9
"""Plates narrower than this in the window are neither asked for nor counted as background."""
FILL = 114


@dataclass(frozen=True)
class Shares:
    """Where windows come from; the rest are drawn scenes."""

    photos: float
    swapped: float


@dataclass(frozen=True)
class FrameRecipe:
    """Windows of `size` x `size` px in which plates are of any size from `SMALLEST_PX` to most of the window."""

    plan: ScenePlan
    labels: tuple[Label, ...]
    photos: tuple[Sample, ...]
    shares: Shares
    size: int = 384

    @property
    def shape(self) -> tuple[int, ...]:
        """H, W, RGB."""
        return (self.size, self.size, 3)

    @property
    def label_size(self) -> int:
        """The things, then one number a label: 1 if every instance of it is listed."""
        return OBJECTS * ENTRY + len(self.labels)

    def draw(self, n: int) -> Item:
        """The n-th window."""
        rng = np.random.default_rng([self.plan.seed, n, 2])
        kind = rng.random()
        if self.photos and kind < self.shares.photos + self.shares.swapped:
            sample = self.photos[int(rng.integers(len(self.photos)))]
            sample = replace(sample, image=_picture(sample.source))
            if kind < self.shares.swapped:
                sample = generate.swapped(sample, self.plan, rng)
        else:
            sample = generate.scene_at(n, self.plan)
        return window(sample, self.labels, self.size, rng)


def window(sample: Sample, labels: Sequence[Label], size: int, rng: np.random.Generator) -> Item:
    """A square cut from a frame around a plate or a permit of it (or anywhere), scaled, turned, mirrored at random."""
    assert sample.image is not None
    matrix = _placed(sample, labels, size, rng)
    picture = _warped(sample.image, matrix, size)
    mirrored = bool(rng.random() < 0.5)
    entries = []
    for plate in sample.plates:
        if plate.quad is not None and plate.label in labels:
            entry = _entry(plate, matrix, size, labels)
            if entry is not None:
                entries.append(_mirror(entry, size) if mirrored else entry)
    if mirrored:
        picture = picture[:, ::-1]
    entries.sort(key=lambda entry: -float(np.ptp(entry[1:9:2])))
    seen = [float(label in sample.labelled) for label in labels]
    return Item(np.ascontiguousarray(picture), pack(entries, seen))


def whole(sample: Sample, labels: Sequence[Label], size: tuple[int, int]) -> Item:
    """The whole frame, letterboxed to height x width as the finished detector sees it."""
    image = load(sample.source) if sample.image is None else sample.image
    height, width = size
    ratio = min(width / image.shape[1], height / image.shape[0])
    matrix = np.array([[ratio, 0, 0], [0, ratio, 0]])
    canvas = max(size)
    picture = _warped(image, matrix, canvas)[:height, :width]
    entries = [
        entry
        for plate in sample.plates
        if plate.quad is not None and plate.label in labels
        if (entry := _entry(plate, matrix, canvas, labels)) is not None
    ]
    return Item(picture, pack(entries, [float(label in sample.labelled) for label in labels]))


def pack(entries: Sequence[NDArray[np.float32]], seen: Sequence[float]) -> NDArray[np.float32]:
    """Things and flags as one flat label."""
    packed = np.zeros((OBJECTS, ENTRY), np.float32)
    packed[:, 0] = -1
    for place, entry in enumerate(entries[:OBJECTS]):
        packed[place] = entry
    return np.concatenate([packed.ravel(), np.asarray(seen, np.float32)])


@lru_cache(maxsize=256)
def _picture(source: str) -> Image:
    return load(source)


def _placed(sample: Sample, labels: Sequence[Label], size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A 2x3 matrix frame px -> window px."""
    assert sample.image is not None
    height, width = sample.image.shape[:2]
    fit = size / max(height, width)
    small = [label for label in labels if label != "car"]
    quads = [p.quad for p in sample.plates if p.quad is not None and p.label in small]
    if quads and rng.random() < 0.85:
        box = box_of(quads[int(rng.integers(len(quads)))])
        wanted = np.exp(rng.uniform(np.log(14), np.log(size * 0.85)))
        scale = wanted / max(box.w, 1.0)
        centre = (box.x + box.w / 2, box.y + box.h / 2)
        free = max(0.0, (size - wanted) / 2)
        at = rng.uniform(size / 2 - free, size / 2 + free, 2)
    else:
        scale = fit * np.exp(rng.uniform(np.log(0.8), np.log(3.0)))
        centre = (rng.uniform(0, width), rng.uniform(0, height))
        at = np.array([size / 2, size / 2])
    scale = float(np.clip(scale, 0.9 * fit, 2.5))
    turn = np.deg2rad(rng.normal(0, 4))
    stretch = np.exp(rng.normal(0, 0.06))
    rotation = scale * np.array([[np.cos(turn) * stretch, -np.sin(turn)], [np.sin(turn) * stretch, np.cos(turn)]])
    # The window stays inside the picture where the picture is large enough, so that little of it is filled.
    low = at - rotation @ np.asarray(centre)
    spare = size - scale * np.array([width, height])
    return np.column_stack([rotation, np.clip(low, np.minimum(spare, 0), np.maximum(spare, 0))])


def _warped(image: Image, matrix: NDArray[np.float64], size: int) -> Image:
    """The picture under the matrix; shrunk by area first, so that fine lines do not alias."""
    import cv2

    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.7:
        height, width = image.shape[:2]
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([width / small[0], height / small[1], 1.0])
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # pixel edges -> the pixel centres that OpenCV samples at
    border = (FILL, FILL, FILL)
    return np.asarray(
        cv2.warpAffine(image, centred, (size, size), flags=cv2.INTER_LINEAR, borderValue=border), np.uint8
    )


def _entry(plate: Plate, matrix: NDArray[np.float64], size: int, labels: Sequence[Label]) -> NDArray[np.float32] | None:
    """A thing in window px; None when it is not in the window."""
    assert plate.quad is not None
    box = box_of(plate.quad)
    cornered = plate.label == "license_plate" and plate.quad != quad_of(box)
    points = np.asarray(plate.quad) @ matrix[:, :2].T + matrix[:, 2]
    area = float(np.prod(np.ptp(points, axis=0)))
    inside = np.clip(points, 0, size)
    shown = float(np.prod(np.ptp(inside, axis=0))) / max(area, 1e-6)
    if shown < 0.15:
        return None
    label = float(labels.index(plate.label))
    if plate.label == "car":
        if shown < 0.35:
            return None
        points = inside
    elif shown < 0.75 or float(np.ptp(points[:, 0])) < SMALLEST_PX:
        label = -2.0
    if not cornered:
        upright = box_of(quad_from(points))
        points = np.asarray(quad_of(upright))
    return np.concatenate([[label], points.ravel(), [float(cornered)]]).astype(np.float32)


def _mirror(entry: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The thing in the mirrored window: left and right corners change places."""
    points = entry[1:9].reshape(4, 2).copy()
    points[:, 0] = size - points[:, 0]
    return np.concatenate([entry[:1], points[[1, 0, 3, 2]].ravel(), entry[9:]])


def quad_at(entry: NDArray[np.float32]) -> Quad:
    """The corners of a packed thing."""
    return quad_from(entry[1:9].reshape(4, 2))
