"""OpenVINO on the processor, straight from the ONNX file or from OpenVINO's own (.xml)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lprkit.core.errors import ModelError
from lprkit.runtime import Opened

if TYPE_CHECKING:
    import openvino

IN_INT8 = ("Convolution", "GroupConvolution", "MatMul")
"""What OpenVINO computes in 8 bits when its inputs are rounded to them."""


def open_model(path: Path, threads: int | None) -> Opened:
    """A model compiled by OpenVINO for the least latency; threads None: as many as it likes.

    Where the processor has units for bf16 OpenVINO computes in bf16: an untrained detector's fastest of 60 runs took
    5.2 ms so, and 14.0 ms in fp32 (2 cores with AMX, other work running).
    """
    return opened(path, {"INFERENCE_NUM_THREADS": threads} if threads else {})


def opened(path: Path, settings: Mapping[str, object]) -> Opened:
    """The same with OpenVINO's own settings: INFERENCE_PRECISION_HINT = "f32" computes in fp32 everywhere."""
    import openvino

    config = {"PERFORMANCE_HINT": "LATENCY", **settings}
    core = openvino.Core()
    try:
        model = core.read_model(str(path))
        keep_wide(model)
        compiled = core.compile_model(model, "CPU", config)
    except RuntimeError as error:
        raise ModelError(f"{path}: OpenVINO cannot open it ({' '.join(str(error).split())[:200]}).") from None
    shape = tuple(None if size.is_dynamic else size.get_length() for size in compiled.input(0).partial_shape)

    own = threading.local()

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if not hasattr(own, "request"):  # one a thread: a shared one refuses the second thread that comes
            own.request = compiled.create_infer_request()
        # By hand: 0.03 ms less than a call with a dictionary of inputs. The tensor only points at the batch.
        batch = np.ascontiguousarray(batch)
        own.request.set_input_tensor(0, openvino.Tensor(batch, shared_memory=True))
        own.request.infer()
        return np.array(own.request.get_output_tensor(0).data, np.float32)  # copied: the next call writes there

    return Opened(run, shape)


def keep_wide(model: openvino.Model) -> None:
    """Takes out of an int8 model the roundings to 8 bits that nothing computed in 8 bits takes in.

    ONNX Runtime computes a convolution in 8 bits only if its output is rounded as well. OpenVINO has no need of that,
    and what is rounded between a convolution and its SiLU it cannot compute as one: 32 plates of the bundled reader
    took 0.42 ms each with all roundings and 0.38 with these, and scores were 0.010 and 0.007 from the source's.
    """
    for node in model.get_ordered_ops():
        end = _widened(node) if _rounds(node) else None
        if end and not any(taker.get_type_name() in IN_INT8 for taker in _takers(end)):
            end.output(0).replace(node.input_value(0))


def _rounds(node: openvino.Node) -> bool:
    """Whether it only rounds: a range without negative numbers may stand for a ReLU as well."""
    if node.get_type_name() != "FakeQuantize":
        return False
    lowest = node.input_value(1).get_node()
    return lowest.get_type_name() == "Constant" and bool((lowest.data < 0).all())


def _widened(rounding: openvino.Node) -> openvino.Node | None:
    """The last step of what makes real numbers of rounded ones again; None: something else follows."""
    node = rounding
    for kind in ("Convert", "Convert", "Subtract", "Multiply"):
        takers = _takers(node)
        if len(takers) == 1 and takers[0].get_type_name() == kind:
            node = takers[0]
        elif kind != "Subtract":  # a zero point of zero is not subtracted
            return None
    return node


def _takers(node: openvino.Node) -> list[openvino.Node]:
    return [taken.get_node() for taken in node.output(0).get_target_inputs()]
