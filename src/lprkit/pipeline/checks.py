"""Whether this installation works: versions, weights, and a drawn plate read with every runtime."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lprkit.core.errors import LprError
from lprkit.core.geometry import box_of, iou
from lprkit.core.types import Detector, Reader
from lprkit.pipeline.run import Pipeline
from lprkit.pipeline.sample import drawn_frame
from lprkit.runtime import RUNTIMES, is_installed
from lprkit.weights import bundled, find
from lprkit.weights.card import card_of

NEEDED = ("numpy", "opencv-python-headless", "onnxruntime", "pillow")
OPTIONAL = ("openvino", "torch", "lightning", "onnx")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def checks(reader: str | Path | Reader = "reader", detector: str | Path | Detector = "detector") -> Iterator[Check]:
    """What was looked at, one after the other; any that is not ok means that reading will not work as promised."""
    yield Check("lprkit", True, f"{version('lprkit')}, Python {platform.python_version()}, {platform.platform()}")
    for package in NEEDED + OPTIONAL:
        yield _package(package, package in NEEDED)
    if not bundled():
        yield Check("weights", False, "none bundled: install lprkit from a release, or name models with --reader")
    for name in bundled():
        yield _weight(name)
    for runtime in filter(is_installed, RUNTIMES):
        yield _reading(runtime, reader, detector)


def _package(name: str, needed: bool) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, not needed, "not installed")


def _weight(name: str) -> Check:
    try:
        path = find(name)
        card = card_of(path)
    except LprError as error:
        return Check(f"weights: {name}", False, str(error))
    return Check(
        f"weights: {name}",
        True,
        f"{card.task}s {len(card.tokens)} tokens, {path.stat().st_size:,} bytes, SHA-256 right",
    )


def _reading(runtime: str, reader: str | Path | Reader, detector: str | Path | Detector) -> Check:
    """A drawn plate, found and read: the text must be right, the place half right."""
    name = f"reading with {runtime}"
    sample = drawn_frame()
    assert sample.image is not None
    (truth,) = sample.plates
    assert truth.quad is not None
    try:
        pipeline = Pipeline(None, runtime, reader, detector)
        pipeline.read(sample.image)  # warms up
        start = time.perf_counter()
        found = pipeline.read(sample.image)
        ms = (time.perf_counter() - start) * 1000
    except LprError as error:
        return Check(name, False, str(error))
    right = [
        one
        for one in found
        if one.reading.text == truth.text and iou(box_of(one.detection.quad), box_of(truth.quad)) >= 0.5
    ]
    said = ", ".join(one.reading.text for one in found) or "nothing"
    return Check(name, bool(right), f"{truth.text} drawn, {said} read, {ms:.0f} ms")
