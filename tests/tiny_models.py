"""Two networks small enough to check by eye, with cards, for tests of what runs and reads models.

The reader reads grey bars: four columns of a picture, each as bright as one token's level. The detector finds plates
around 8x8 px squares of pure red, and cars around pure blue ones, both of a fixed size.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lprkit.core.card import METADATA_KEY, InputSpec, ModelCard
from lprkit.core.types import Image

TOKENS = ("A", "B", "C", "0", "1", "2")
STEPS = 4
PLATE_PX = (96, 32)
"""Width and height of the plates that the detector finds, in input px; the squares are in their middle."""
CAR_PX = (192, 160)
LEAN_PX = 4.0
"""The right edge of a found plate is this much lower than the left one."""

READER = ModelCard("tiny-reader", "read", InputSpec(16, 64, "grey"), TOKENS, STEPS)
DETECTOR = ModelCard(
    "tiny-detector", "detect", InputSpec(192, 320, "rgb", resize="letterbox"), ("license_plate", "car")
)


def write_reader(path: Path, card: ModelCard | None = READER, batch: int | str = "N") -> Path:
    """A reader's ONNX file."""
    spec, classes = READER.input, len(TOKENS) + 1
    constants = {
        "levels": levels().reshape(1, 1, classes),
        "sharpness": np.float32(-1000.0),
        "shape": np.array([-1, STEPS, 1], np.int64),
    }
    nodes = [
        helper.make_node("AveragePool", ["image"], ["bars"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Reshape", ["bars", "shape"], ["columns"]),
        helper.make_node("Sub", ["columns", "levels"], ["gaps"]),
        helper.make_node("Mul", ["gaps", "gaps"], ["squares"]),
        helper.make_node("Mul", ["squares", "sharpness"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=2),
    ]
    shape = [batch, spec.depth, spec.height, spec.width]
    return _write(path, nodes, constants, (shape, "log_probs", [batch, STEPS, classes]), card)


def levels() -> np.ndarray:
    """The brightness of each token's bar, 0-1; the blank's is the last."""
    return np.linspace(0.1, 0.7, len(TOKENS) + 1, dtype=np.float32)


def bars(text: str, width: int = 64, height: int = 16) -> Image:
    """A picture that the reader reads as `text`: four tokens, "_" for the blank."""
    values = [round(float(levels()[(*TOKENS, "_").index(sign)]) * 255) for sign in text]
    row = np.repeat(np.array(values, np.uint8), width // len(values))
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, len(row), 3)))


def write_detector(path: Path, card: ModelCard | None = DETECTOR) -> Path:
    """A detector's ONNX file."""
    red, blue = (2.0, -1.0, -1.0), (-1.0, -1.0, 2.0)
    constants: dict[str, np.ndarray] = {}
    nodes = [helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[8, 8], strides=[8, 8])]
    parts = []
    for n, (colour, (width, height)) in enumerate([(red, PLATE_PX), (blue, CAR_PX)]):
        w, h, lean = width / 2, height / 2, LEAN_PX / 2
        shape = [w, h, w, h, -w, -h - lean, w, -h + lean, w, h + lean, -w, h - lean]
        constants[f"score{n}"] = np.array(colour, np.float32).reshape(1, 3, 1, 1) * 10
        constants[f"bias{n}"] = np.array([-16.0], np.float32)  # sigmoid(20 - 16) = 0.98 on the colour itself
        constants[f"none{n}"] = np.zeros((12, 3, 1, 1), np.float32)
        constants[f"shape{n}"] = np.array(shape, np.float32)
        nodes += [
            helper.make_node("Conv", ["cells", f"score{n}", f"bias{n}"], [f"logit{n}"]),
            helper.make_node("Sigmoid", [f"logit{n}"], [f"scores{n}"]),
            helper.make_node("Conv", ["cells", f"none{n}", f"shape{n}"], [f"shapes{n}"]),
        ]
        parts += [f"scores{n}", f"shapes{n}"]
    nodes.append(helper.make_node("Concat", parts, ["map"], axis=1))
    spec = DETECTOR.input
    shape = ["N", spec.depth, spec.height, spec.width]
    return _write(path, nodes, constants, (shape, "map", ["N", 26, spec.height // 8, spec.width // 8]), card)


def frame(text: str = "AB01", at: tuple[int, int] = (160, 96), width: int = 320, height: int = 192) -> Image:
    """A dark picture with one plate that the detector finds around `at` and the reader reads as `text`."""
    image = np.full((height, width, 3), 20, np.uint8)
    put_plate(image, text, at)
    return image


def put_plate(image: Image, text: str, at: tuple[int, int]) -> None:
    """Draws a plate around `at` (px, multiples of 8), its bars reach beyond what is found: a margin shows bars too."""
    x, y = at[0] + 4, at[1] + 4  # the middle of a cell
    width, height = PLATE_PX
    face = np.pad(bars(text, width, 2 * height), ((0, 0), (8, 8), (0, 0)), mode="edge")
    image[y - height : y + height, x - width // 2 - 8 : x + width // 2 + 8] = face
    image[at[1] : at[1] + 8, at[0] : at[0] + 8] = (255, 0, 0)


def _write(
    path: Path,
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    ends: tuple[list[int | str], str, list[int | str]],
    card: ModelCard | None,
) -> Path:
    shape, output, output_shape = ends
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, output_shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if card is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = METADATA_KEY, card.to_json()
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path
