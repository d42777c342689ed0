"""What happens to pictures behind the camera: codecs, and programs that resize.

Each is a function of (picture, rng, view) like those of `effects`.
"""

from __future__ import annotations

from bisect import bisect
from math import exp, log

import numpy as np

from lprkit.core.chance import between
from lprkit.core.types import Image
from lprkit.synth.effects import View, to_bytes
from lprkit.synth.grain import Pixels


def jpeg(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """JPEG at quality 95 down to 15."""
    best = 95 - 40 * seen.level
    return _coded(pixels, int(between(rng, max(_worst(seen), best - 45), best))).astype(np.float32)


def video(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Like a video codec at a low rate: coarse blocks, and the filter that smooths their edges."""
    import cv2

    worst = max(_worst(seen), 45 - 30 * seen.level)
    blocks = _coded(pixels, int(between(rng, worst, worst + 20)))
    smooth = cv2.bilateralFilter(blocks, 5, 18.0, 1.2)
    return np.asarray(smooth, np.float32)


def resample(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Made smaller and larger again, as resized frames are; letters keep 9 px."""
    import cv2

    ways = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)
    height, width = pixels.shape[:2]
    factor = max(between(rng, 0.5, 1.0), 9.0 / seen.text_px)
    if factor >= 1:
        return pixels
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    down = ways[bisect((0.05, 0.4, 0.5), rng.random())]  # most by areas or linear
    up = ways[bisect((0.08, 0.6), rng.random())]
    return np.asarray(cv2.resize(cv2.resize(pixels, size, interpolation=down), (width, height), interpolation=up))


def squeeze(pixels: Pixels, rng: np.random.Generator, seen: View) -> Pixels:
    """Made narrower and wide again, as data sets do that stretch all pictures to squares; letters keep some 2.7 px.

    Most programs take single columns then instead of means of many: strokes come out uneven, or not at all.
    """
    import cv2

    ways = (cv2.INTER_AREA, cv2.INTER_NEAREST, cv2.INTER_CUBIC, cv2.INTER_LINEAR)
    height, width = pixels.shape[:2]
    least = 5.0 / seen.text_px  # a letter is some 0.55 times as wide as high
    share = min(max(exp(between(rng, log(0.15), log(0.7))), least), 1.0)
    way = ways[bisect((0.35, 0.42, 0.5), rng.random())]
    narrow = cv2.resize(pixels, (max(2, round(width * share)), height), interpolation=way)
    return np.asarray(cv2.resize(narrow, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _worst(seen: View) -> float:
    """Lowest JPEG quality that small letters survive."""
    return min(15.0 + max(0.0, 20.0 - seen.text_px) * 2.0, 40.0)


def _coded(pixels: Pixels, quality: int) -> Image:
    import cv2

    bgr = cv2.cvtColor(to_bytes(pixels), cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR))
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
