"""The figures that rebuilt networks must have, with their sources; tests assert them and the docs print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Published:
    """What is known of one original."""

    model: str
    classes: int
    steps: int
    params: int
    counted: Literal["trainable", "deploy"]
    """`deploy`: with batch-norm folded into the convolutions."""
    mmacs: float
    """Millions of multiply-adds for one picture."""
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)


# Where the source prints a rounded figure, the exact one beside it was counted in the original's code.
PUBLISHED = (
    Published(
        "lprnet-24x94", 71, 88, 1_434_527, "deploy", 170.5, "Open Model Zoo, LPR barrier 0007: 1.435 M, 0.347 GFlops"
    ),
    Published("lprnet-24x94", 71, 88, 1_030_047, "deploy", 169.7, "GAP8 reader: 1.0 M, 172 MMAC", {"context": 64}),
    Published("lprnet-24x94", 37, 88, 719_491, "deploy", 159.1, "the same over 36 letters and digits", {"context": 64}),
    Published("lprnet-gap8", 71, 88, 1_436_664, "deploy", 170.2, "GAP8's lprnet.tflite"),
    Published("lprnet-korean", 46, 88, 822_488, "trainable", 100.2, "NinV/Korean-License-Plate-Recognition"),
    Published("lprnet-pooled", 68, 18, 446_976, "trainable", 144.4, "sirius-ai/LPRNet_Pytorch"),
    Published(
        "lprnet-pooled-stn", 68, 18, 446_976 + 55_430, "trainable", 153.7, "xuexingyu24/License_Plate_Detection_Pytorch"
    ),
    Published("hailo-lprnet", 11, 19, 7_140_623, "deploy", 18_271.5, "Hailo Model Zoo: 7.14 M, 36.54 Gops"),
    Published(
        "hailo-lprnet", 11, 19, 7_140_623, "deploy", 18_505.9, "the same for YUY2 pictures: 37.01 Gops", {"width": 304}
    ),
    Published("tao-resnet10", 36, 24, 11_252_096, "trainable", 1_546.8, "NVIDIA TAO, US characters"),
    Published("tao-resnet18", 36, 24, 14_424_872, "trainable", 3_032.5, "NVIDIA TAO, US characters"),
    Published("tao-resnet18", 68, 24, 14_441_288, "trainable", 3_032.9, "NVIDIA TAO, Chinese characters"),
)
