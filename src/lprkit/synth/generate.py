"""The n-th crop or scene of a plan, and many of them in parallel: everything depends only on (seed, n)."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lprkit import plates
from lprkit.core.chance import between, one_of
from lprkit.core.errors import ConfigError
from lprkit.core.geometry import quad_from
from lprkit.core.types import Image, Plate, Region, Sample, Serial
from lprkit.synth import backgrounds, camera, crop, glyphs, nothing, scene, swap
from lprkit.synth.camera import Camera
from lprkit.synth.crop import Cut
from lprkit.synth.draw import draw
from lprkit.synth.effects import View
from lprkit.synth.glyphs import GlyphBook
from lprkit.synth.look import Look
from lprkit.synth.paste import paste, size_of

CROPS, FRAMES = 32, 4
"""Crops and frames that a worker hands over at once: some 2 and 10 MB at most."""
DEFAULT = Camera()
LOOK = Look()
SERIALS = 1000
"""How many are drawn in search of one with the rows that are asked for."""
TRIES = 8
"""Places of photographs that are looked at for one large enough to be read."""
LOWEST_PX = 44
"""Plates are drawn no lower, but shrunk, for their letters would suffer."""
TALLEST_PX, WIDEST_PX = 80, 256
"""No plate is drawn larger into a crop: most readers take 48 px or less, the largest 75 by 300."""


@dataclass(frozen=True)
class Plan:
    """What crops and frames alike are drawn from."""

    regions: tuple[str, ...] = ()
    """Whose plates are drawn, as `plates.chosen` understands names; empty: all."""
    weights: tuple[float, ...] = ()
    """How often each region is drawn, relative; empty: all alike."""
    seed: int = 0
    legal: float = 0.5
    """Share of legal serials; the others have random syntax."""
    oversample: bool = True
    """Random syntax doubles tokens often and shows rare ones as often as common ones; False: as legal serials do."""
    rows: int = 0
    """Only plates with so many rows of text; 0: any."""
    camera: Camera = DEFAULT
    look: Look = LOOK
    glyphs: tuple[str, ...] = ()
    """Fonts and folders of glyph pictures beside those of the machine."""
    without: tuple[str, ...] = ()
    """Typefaces left out, by the beginning of their names."""
    only: tuple[str, ...] = ()
    """Typefaces kept, likewise; empty: all."""
    backgrounds: tuple[str, ...] = ()
    """Folders of photographs to cut surroundings from; for frames, photographs without any plate or car."""


@dataclass(frozen=True)
class CropPlan(Plan):
    """What the crops of a reader are drawn from."""

    photos: tuple[Sample, ...] = ()
    """Photographs with the places of their plates, to paint new plates into."""
    swapped: float = 0.2
    """Share of the crops that come from such photographs, when there are any."""
    rectified: float = 0.6
    """Share of the crops that were straightened from corners; the others are upright boxes."""
    nothing: float = 0.0
    """Share of the crops that show no plate."""


@dataclass(frozen=True)
class ScenePlan(Plan):
    """What the frames of a detector are drawn from."""

    sizes: tuple[tuple[int, int], ...] = ((640, 480), (640, 480), (800, 600), (960, 540), (1280, 720))
    """Widths and heights of frames, one chosen at random."""


def crop_at(n: int, plan: CropPlan) -> Sample:
    """The n-th crop: the picture is one plate as a detector hands it to a reader."""
    rng = np.random.default_rng([plan.seed, n, 3])
    source = f"drawn:{plan.seed}:{n}"
    if plan.nothing and rng.random() < plan.nothing:
        return Sample((), source, _no_plate(plan, rng), whole=True)
    if plan.photos and rng.random() < plan.swapped:
        found = _swapped_crop(plan, source, rng)
        if found is not None:
            return found
    serial = _serial(plan, rng)
    seen = camera.view(plan.camera, rng)
    share = min(serial.style.row_heights_mm) / serial.style.height_mm
    aspect = serial.style.width_mm / serial.style.height_mm
    height = min(seen.text_px / share, WIDEST_PX / aspect, TALLEST_PX)
    seen = replace(seen, text_px=height * share)
    drawn = draw(serial, book(plan.glyphs, plan.without, plan.only), rng, round(max(height, LOWEST_PX)), plan.look)
    cut = _cut(plan, seen, (height * drawn.image.shape[1] / drawn.image.shape[0], height), rng)
    image = backgrounds.patch(cut.height, cut.width, rng, _photos(plan.backgrounds))
    if rng.random() < 0.35 and plan.camera.dirt > 0:
        backgrounds.frame(image, cut.corners, rng)
    paste(image, drawn.image, cut.corners, between(rng, 0, 0.12))
    image = camera.shoot(image, plan.camera, seen, rng)
    quad, kind = quad_from(cut.corners), serial.style.kind
    plate = Plate(drawn.text, quad, serial.region, kind, rows=drawn.rows, breaks=serial.breaks)
    return Sample((plate,), source, image, whole=True)


def scene_at(n: int, plan: ScenePlan) -> Sample:
    """The n-th frame: any number of plates, of any size, with cars and without, and things that only look like them."""
    rng = np.random.default_rng([plan.seed, n, 4])
    width, height = one_of(rng, plan.sizes)
    photos = _photos(plan.backgrounds)
    under = backgrounds.photo_patch(height, width, one_of(rng, photos), rng) if photos else None
    drawn = scene.draw_scene((height, width), _printer(plan, rng), rng, plan.camera, under)
    seen = camera.view(plan.camera, rng)
    seen = replace(seen, level=0.8 * seen.level, text_px=drawn.text_px)
    return Sample(
        drawn.plates,
        f"drawn:{plan.seed}:{n}",
        camera.shoot(drawn.image, plan.camera, seen, rng),
        labelled=scene.LABELLED if not photos else ("license_plate",),
    )


def swapped(sample: Sample, plan: Plan, rng: np.random.Generator) -> Sample:
    """A photograph with a newly drawn plate on each of its plates: real surroundings, known corners and text."""
    return swap.swap(sample, _printer(plan, rng), rng)


def crops(plan: CropPlan, count: int, start: int = 0, workers: int | None = None) -> Iterator[Sample]:
    """The crops `start` … `start + count - 1` in order, drawn by `workers` processes (None: one a core)."""
    return many(functools.partial(crop_at, plan=plan), count, start, workers)


def scenes(plan: ScenePlan, count: int, start: int = 0, workers: int | None = None) -> Iterator[Sample]:
    """The frames `start` … `start + count - 1` in order, drawn by `workers` processes (None: one a core)."""
    return many(functools.partial(scene_at, plan=plan), count, start, workers, FRAMES)


def many(
    make: Callable[[int], Sample], count: int, start: int = 0, workers: int | None = None, at_once: int = CROPS
) -> Iterator[Sample]:
    """What `make` makes of `start` … `start + count - 1`, in order, in `workers` processes (None: one a core).

    `at_once` is how many a process hands over together.
    """
    numbers = range(start, start + count)
    processes = min(workers if workers is not None else cores(), -(-count // at_once))
    if processes <= 1:
        yield from map(make, numbers)
        return
    chunks = iter([numbers[at : at + at_once] for at in range(0, count, at_once)])
    # Spawned, since a fork of a process with threads (OpenCV, torch) can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start) as pool:
        waiting: deque[Future[list[Sample]]] = deque()
        for chunk in itertools.islice(chunks, 3 * processes):
            waiting.append(pool.submit(_chunk, make, chunk))
        try:
            while waiting:
                done = waiting.popleft().result()
                waiting.extend(pool.submit(_chunk, make, chunk) for chunk in itertools.islice(chunks, 1))
                yield from done
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@functools.lru_cache(maxsize=8)
def book(folders: tuple[str, ...], without: tuple[str, ...], only: tuple[str, ...] = ()) -> GlyphBook:
    """The typefaces of a plan, searched for once a process."""
    return glyphs.find([Path(folder) for folder in folders], without=without, only=only)


@functools.lru_cache(maxsize=8)
def _photos(folders: tuple[str, ...]) -> tuple[Path, ...]:
    return backgrounds.find(folders)


@functools.lru_cache(maxsize=8)
def _regions(codes: tuple[str, ...], weights: tuple[float, ...]) -> tuple[tuple[Region, ...], tuple[float, ...]]:
    """The regions, and the running sums of their weights, 0-1."""
    chosen = plates.chosen(codes, weights)
    shares = np.cumsum(list(chosen.values()))
    return tuple(plates.region(code) for code in chosen), tuple(float(v) for v in shares / shares[-1])


def _serial(plan: Plan, rng: np.random.Generator) -> Serial:
    regions, shares = _regions(plan.regions, plan.weights)
    region = regions[min(bisect_right(shares, rng.random()), len(regions) - 1)]
    for _ in range(SERIALS):
        legal = rng.random() < plan.legal
        serial = plates.legal(region, rng) if legal else plates.loose(region, rng, plan.oversample)
        if plan.rows in (0, serial.rows):
            return serial
    raise ConfigError(f"{region.code}: no plate of {plan.rows} rows. Leave the region out, or ask for other rows.")


def _printer(plan: Plan, rng: np.random.Generator) -> swap.Printer:
    """Draws a plate of the plan whose shape is near the width over height that is asked for, if any."""

    def printed(aspect: float | None, height_px: int) -> swap.Printed:
        serial = _serial(plan, rng)
        if aspect is not None:
            tries = [serial, *(_serial(plan, rng) for _ in range(6))]
            serial = min(tries, key=lambda s: abs(np.log(s.style.width_mm / s.style.height_mm / aspect)))
        height = int(np.clip(height_px, 64, 240))
        return swap.Printed(serial, draw(serial, book(plan.glyphs, plan.without, plan.only), rng, height, plan.look))

    return printed


def _cut(plan: CropPlan, seen: View, size: tuple[float, float], rng: np.random.Generator) -> Cut:
    width, height = size
    if rng.random() < plan.rectified:
        return crop.rectified(seen, width, height, rng)
    return crop.boxed(camera.project(seen, width / height) * height, rng, plan.camera.loose)


def _swapped_crop(plan: CropPlan, source: str, rng: np.random.Generator) -> Sample | None:
    """A crop of a photograph whose plate was swapped; None when all places tried were too small to be read.

    The photograph has its own faults: only a little is added.
    """
    seen = camera.view(plan.camera, rng)
    for _ in range(TRIES):
        place = swap.place_of(one_of(rng, plan.photos), rng)
        if size_of(place.corners)[1] * 0.4 < plan.camera.text_px[0]:
            continue  # too small for any letters
        image = place.image.copy()
        plate, text_px = swap.paint(image, place.corners, _printer(plan, rng), place.light, rng)
        if text_px >= plan.camera.text_px[0]:
            break
    else:
        return None
    corners = np.array(plate.quad)
    factor = min(1.0, seen.text_px / text_px, WIDEST_PX / size_of(corners)[0])
    width, height = size_of(corners * factor)
    upright = replace(seen, yaw=0.0)
    if rng.random() < plan.rectified:
        cut = crop.rectified(upright, width, height, rng)
    else:
        cut = crop.boxed(corners * factor, rng, plan.camera.loose)
    seen = replace(seen, level=0.35 * seen.level, text_px=text_px * factor)
    image = camera.shoot(crop.cut_out(image, corners, cut), plan.camera, seen, rng)
    return Sample((replace(plate, quad=quad_from(cut.corners)),), source, image, whole=True)


def _no_plate(plan: CropPlan, rng: np.random.Generator) -> Image:
    """A crop without a plate, half of the time from a photograph when there are any."""
    if plan.photos and rng.random() < 0.5:
        found = nothing.beside_plates(one_of(rng, plan.photos), rng)
        if found is not None:
            return found
    return nothing.no_plate(plan.camera, rng)


def _start() -> None:
    import cv2

    cv2.setNumThreads(0)  # one thread a worker: the workers fill the cores


def _chunk(make: Callable[[int], Sample], numbers: Sequence[int]) -> list[Sample]:
    return [make(n) for n in numbers]


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
