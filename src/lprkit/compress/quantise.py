"""A model in smaller numbers: int8 for speed, or weights stored in fp16 for half the file."""

from __future__ import annotations

import logging
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lprkit.core.card import METADATA_KEY, InputSpec, ModelCard
from lprkit.core.errors import DataError, ModelError
from lprkit.core.types import Image
from lprkit.evaluate.agree import Agreement, Tolerance, agreement, demand, drawn
from lprkit.runtime import load
from lprkit.weights import find
from lprkit.weights.card import card_of

if TYPE_CHECKING:
    import onnx

To = Literal["int8", "int8-symmetric", "fp16"]

ALLOWED = {
    "int8": Tolerance(texts=0.99, score=0.02, output=math.inf),
    "int8-symmetric": Tolerance(texts=0.99, score=0.02, output=math.inf),
    "fp16": Tolerance(score=0.01, output=0.1),
}
"""How far a smaller model may be from its source on drawn pictures."""

CALIBRATED, CHECKED = 300, {"read": 500, "detect": 48}
"""Drawn pictures that set the ranges of int8, and those on which the two models are compared, by task."""
CALIBRATION_SEED, CHECK_SEED = 1, 2

OPERATORS = ("Conv", "Gemm", "Relu", "MaxPool", "Concat")
"""What is computed in int8. Sums are not: with them the bundled reader took 6 % longer, and TAO's ResNet as long."""
BATCH = 10


@dataclass(frozen=True)
class Quantised:
    """A smaller model."""

    file: Path
    agreement: Agreement
    """With its source."""
    source: Path


def quantise(model: str | Path, to: To, out: Path, pictures: Iterable[Image] | None = None) -> Quantised:
    """Writes the smaller model; a ModelError with the first sample that differs if it reads differently.

    int8: activations and weights, a scale for each output channel, ranges as wide as `pictures` fill them (None: drawn
    ones); the first convolution and the last one stay in fp32, with what stands before and behind them.
    int8-symmetric: the same with one scale for each tensor and zero in the middle of its range, which is what GAP8's
    compiler and other simple chips take.
    fp16: kernels and matrices are stored so and computed with as before, on every runtime.
    """
    import onnx

    source = find(model)
    card = card_of(source)
    small = replace(card, name=f"{card.name}-{to}", origin={**card.origin, "quantised": {"to": to}})
    with TemporaryDirectory() as folder:
        made = Path(folder) / "model.onnx"
        if to == "fp16":
            onnx.save(_halved(onnx.load(source)), made)
        else:
            _to_int8(source, made, card, _drawn(card) if pictures is None else pictures, to == "int8-symmetric")
        _put(small, made)
        samples = drawn(card, CHECKED[card.task], CHECK_SEED)
        found = agreement(load(source, "onnx"), load(made, "onnx"), samples)
        demand(found, ALLOWED[to], str(out))
        origin = {**small.origin, "quantised": {"to": to, "drawn": pictures is None, "agreement": found.as_dict()}}
        _put(replace(small, origin=origin), made)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, out)
    return Quantised(out, found, source)


def _drawn(card: ModelCard) -> Iterator[Image]:
    return (sample.image for sample in drawn(card, CALIBRATED, CALIBRATION_SEED) if sample.image is not None)


def _put(card: ModelCard, file: Path) -> None:
    """The file with this card inside."""
    import onnx

    model = onnx.load(file)
    onnx.helper.set_model_props(model, {METADATA_KEY: card.to_json()})
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _to_int8(source: Path, out: Path, card: ModelCard, pictures: Iterable[Image], symmetric: bool) -> None:
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    graph = onnx.load(source).graph
    wide = _kept(graph.node)
    if all(node.name in wide for node in graph.node if node.op_type == "Conv"):
        raise ModelError(f"{source}: has no convolution that int8 would make faster. Use it as it is.")
    with _quiet():
        quantize_static(
            str(source),
            str(out),
            _Batches(graph.input[0].name, card.input, pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(OPERATORS),
            per_channel=not symmetric,
            # ONNX Runtime has its fast kernels for unsigned activations: with signed ones the reader took 2.6 times
            # as long (AVX-512 VNNI).
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=sorted(wide),
            extra_options={"ActivationSymmetric": symmetric},
        )


def _kept(nodes: Sequence[onnx.NodeProto]) -> set[str]:
    """Names of the nodes that stay in fp32: first convolutions and those before them, and what no convolution follows.

    The first one sees a channel or three: it has little to gain from int8, and what it takes in is the picture itself.
    """
    behind: set[str] = set()  # values that come from a convolution
    kept: set[str] = set()
    for node in nodes:
        follows = bool(behind.intersection(node.input))
        if not follows:
            kept.add(node.name)
        if follows or node.op_type == "Conv":
            behind.update(node.output)
    ahead: set[str] = set()  # values that a convolution takes in, later
    for node in reversed(nodes):
        leads = bool(ahead.intersection(node.output))
        if not leads:
            kept.add(node.name)
        if leads or node.op_type == "Conv":
            ahead.update(node.input)
    return kept


class _Batches:
    """Pictures as ONNX Runtime's calibration takes them."""

    def __init__(self, name: str, spec: InputSpec, pictures: Iterable[Image]) -> None:
        self.name, self.spec, self.pictures, self.count = name, spec, iter(pictures), 0

    def get_next(self) -> dict[str, Any] | None:
        """The next batch; None after the last one."""
        batch = list(islice(self.pictures, BATCH))
        self.count += len(batch)
        if not self.count:
            raise DataError("There is no picture to calibrate on. Check what --data names.")
        return {self.name: self.spec.batch(batch)} if batch else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the quantiser logs about itself."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Kernels and matrices as fp16, each behind a cast: a runtime widens them once, when it opens the model."""
    from onnx import TensorProto, helper, numpy_helper

    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and values.ndim > 1:
            narrow = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}_fp16")
            model.graph.initializer.remove(tensor)
            model.graph.initializer.append(narrow)
            model.graph.node.insert(0, helper.make_node("Cast", [narrow.name], [tensor.name], to=TensorProto.FLOAT))
    return model
