"""OpenVINO on the processor, straight from the ONNX file or from OpenVINO's own (.xml)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lprkit.core.errors import ModelError
from lprkit.runtime import Opened


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
        compiled = core.compile_model(model, "CPU", config)
    except RuntimeError as error:
        raise ModelError(f"{path}: OpenVINO cannot open it ({' '.join(str(error).split())[:200]}).") from None
    shape = tuple(None if size.is_dynamic else size.get_length() for size in compiled.input(0).partial_shape)

    own = threading.local()

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if not hasattr(own, "request"):  # one a thread: a shared one refuses the second thread that comes
            own.request = compiled.create_infer_request()
        result = own.request.infer({0: batch}, share_inputs=True)
        return np.asarray(result[compiled.output(0)], dtype=np.float32)

    return Opened(run, shape)
