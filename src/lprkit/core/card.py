"""The card of a model: all that is needed to feed and read it, kept beside the weights and inside the ONNX file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lprkit.core.alphabet import LOOKALIKES, Aliases, Alphabet
from lprkit.core.config import build
from lprkit.core.errors import LprError, ModelError
from lprkit.core.types import Image

METADATA_KEY = "lprkit.card"
"""Under this key of its metadata an ONNX file carries its card."""

Task = Literal["read", "detect"]


@dataclass(frozen=True)
class InputSpec:
    """How a picture becomes a network's input."""

    height: int
    width: int
    channels: Literal["rgb", "bgr", "grey", "sum"] = "rgb"
    """`grey`: one channel, ITU-R BT.601 luma. `sum`: one channel, R + G + B."""
    mean: float = 0.0
    scale: float = 1 / 255
    """Input = (pixel - mean) * scale."""
    resize: Literal["stretch", "letterbox"] = "stretch"
    """`letterbox` keeps the aspect and fills right and bottom with mid-grey."""

    @property
    def depth(self) -> int:
        """Channels of the input."""
        return 3 if self.channels in ("rgb", "bgr") else 1

    def prepare(self, image: Image) -> NDArray[np.float32]:
        """The picture as C, H, W float32, resized and scaled."""
        small = self.fit(image)
        if self.channels == "grey":
            import cv2

            chw = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)[None].astype(np.float32)
        elif self.channels == "sum":
            chw = small.astype(np.float32).sum(axis=2)[None]
        else:
            ordered = small if self.channels == "rgb" else small[:, :, ::-1]
            chw = ordered.transpose(2, 0, 1).astype(np.float32)
        return np.ascontiguousarray((chw - np.float32(self.mean)) * np.float32(self.scale), dtype=np.float32)

    def batch(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """N, C, H, W; N may be 0."""
        if not images:
            return np.zeros((0, self.depth, self.height, self.width), np.float32)
        return np.stack([self.prepare(image) for image in images])

    def ratio(self, image: Image) -> tuple[float, float]:
        """Input pixels per picture pixel, across and down."""
        height, width = image.shape[:2]
        across, down = self.width / width, self.height / height
        if self.resize == "stretch":
            return across, down
        return min(across, down), min(across, down)

    def fit(self, image: Image) -> Image:
        """The picture at the network's size, still uint8 RGB."""
        import cv2

        if image.shape[:2] == (self.height, self.width):
            return image
        across, down = self.ratio(image)
        width = max(1, min(self.width, round(image.shape[1] * across)))
        height = max(1, min(self.height, round(image.shape[0] * down)))
        shrinks = across < 1 and down < 1
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        if (height, width) == (self.height, self.width):
            return np.asarray(small, dtype=np.uint8)
        canvas = np.full((self.height, self.width, 3), 114, np.uint8)
        canvas[:height, :width] = small
        return canvas


@dataclass(frozen=True)
class Calibration:
    """Maps log P(text | image) to the probability that the text is right: sigmoid(slope * logit(P) + offset)."""

    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class ModelCard:
    """What a model is, how to feed it, what its outputs mean and where it comes from."""

    name: str
    task: Task
    input: InputSpec
    tokens: tuple[str, ...] = ()
    """Readers: class order without the blank, which is last. Detectors: labels."""
    steps: int = 0
    """CTC steps T of a reader."""
    rows: int = 1
    """Rows of the feature map, read one after the other (top first) as one CTC sequence of `steps`."""
    calibration: Calibration = Calibration()
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the network was built with."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from: config, data and their licences, seed, compute."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """What it reached, on what."""

    @property
    def alphabet(self) -> Alphabet:
        """The reader's alphabet; `options["alias"]` says which tokens it writes as others, merged are O/0 and I/1."""
        merge = {a: b for a, b in LOOKALIKES.items() if a in self.tokens}
        return Alphabet(self.tokens, merge, dict(self.aliases))

    @property
    def aliases(self) -> Aliases:
        """Tokens that the reader writes as others, and those."""
        return tuple(sorted(dict(self.options.get("alias", {})).items()))

    def to_json(self) -> str:
        """The card as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def card_from_json(text: str, where: str) -> ModelCard:
    """The card that `to_json` wrote; a ModelError when the text is none."""
    try:
        card = build(ModelCard, json.loads(text), "card")
        usable = min(card.input.height, card.input.width) > 0 and (card.task == "detect" or card.alphabet.tokens)
    except (ValueError, TypeError, LprError) as error:
        raise ModelError(f"{where}: holds no lprkit model card ({error}). Export the model with lprkit.") from None
    if not usable:
        raise ModelError(f"{where}: its card has no usable input size or no tokens.")
    return card
