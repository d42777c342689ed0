"""A detector's map -> detections in the network's input pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lprkit.core.card import ModelCard
from lprkit.core.geometry import Box, Quad, box_of, iou, quad_from, quad_of
from lprkit.core.types import Detection, Label

CHANNELS = 13
"""Of a label in the map: score, distances to left, top, right and bottom, four corners."""

MOST = 200
"""Peaks a label that are looked at, best first."""

OVERLAP = 0.5
"""Of two boxes of one label whose IoU is higher, the better one stays."""

FLAT = 0.5
"""Corners whose own box agrees less than this (IoU) with the box that was found are not believed."""


@dataclass(frozen=True)
class Peaks:
    """The cells of one label that stand out, best first. All lengths are input px."""

    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    """K, 4: left, top, right, bottom."""
    corners: NDArray[np.float32]
    """K, 4, 2: x and y, clockwise from top-left."""


def detections(cells: NDArray[np.float32], card: ModelCard, threshold: float) -> list[Detection]:
    """What a map (13 * labels, H / stride, W / stride) says, best first, quads in input px."""
    found = []
    for n, label in enumerate(card.tokens):
        layer = cells[n * CHANNELS : (n + 1) * CHANNELS]
        peaks = kept(peaks_of(layer, int(card.options.get("stride", 8)), threshold))
        for score, box, corners in zip(peaks.scores, peaks.boxes, peaks.corners, strict=True):
            quad = _quad(box, corners if label == "license_plate" else None)
            found.append(Detection(quad, cast("Label", label), float(score)))
    return sorted(found, key=lambda one: -one.score)


def peaks_of(layer: NDArray[np.float32], stride: int, threshold: float) -> Peaks:
    """The cells of a label's 13 channels that reach the threshold and that none of their 8 neighbours exceeds."""
    import cv2

    scores = np.ascontiguousarray(layer[0])
    highest = cv2.dilate(scores, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((scores >= threshold) & (scores >= highest))
    best = np.argsort(-scores[rows, columns], kind="stable")[:MOST]
    rows, columns = rows[best], columns[best]
    centres = (np.stack([columns, rows], axis=1).astype(np.float32) + 0.5) * stride  # K, 2
    values = layer[:, rows, columns].T  # K, 13
    boxes = np.concatenate([centres - values[:, 1:3], centres + values[:, 3:5]], axis=1)
    return Peaks(values[:, 0], boxes, values[:, 5:].reshape(-1, 4, 2) + centres[:, None])


def kept(peaks: Peaks) -> Peaks:
    """The peaks without those that overlap a better one."""
    overlaps = overlap(peaks.boxes)
    keep = np.ones(len(peaks.scores), bool)
    for n in range(len(keep)):
        if keep[n]:
            keep[n + 1 :] &= overlaps[n, n + 1 :] <= OVERLAP
    return Peaks(peaks.scores[keep], peaks.boxes[keep], peaks.corners[keep])


def overlap(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """K, K: intersection over union of each two boxes (left, top, right, bottom)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    either = areas[:, None] + areas[None] - shared
    return np.asarray(shared / np.maximum(either, 1e-6), dtype=np.float32)


def _quad(box: NDArray[np.float32], corners: NDArray[np.float32] | None) -> Quad:
    """The corners where they can be believed, otherwise the box."""
    left, top, right, bottom = (float(v) for v in box)
    upright = Box(left, top, right - left, bottom - top)
    if corners is None or not _is_convex(corners) or iou(box_of(quad_from(corners)), upright) < FLAT:
        return quad_of(upright)
    return quad_from(corners)


def _is_convex(corners: NDArray[np.float32]) -> bool:
    """Whether the corners go clockwise around something that has an area."""
    edges = np.roll(corners, -1, axis=0) - corners
    after = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0]  # px²; twice the area of each corner's triangle
    return bool((turns > 1).all())
