"""ONNX Runtime on the processor."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lprkit.core.errors import ModelError
from lprkit.runtime import Opened


def open_model(path: Path, threads: int | None) -> Opened:
    """An ONNX file as an ONNX Runtime session; threads None: one a core that this process may use."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only; they come back as exceptions
    # A waiting session would keep its cores busy, and detector and reader are two sessions that take turns.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class of their own
        raise ModelError(f"{path}: ONNX Runtime cannot open it ({_line(error)}).") from None
    entry = session.get_inputs()[0]

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {entry.name: batch})[0], dtype=np.float32)

    return Opened(run, tuple(size if isinstance(size, int) else None for size in entry.shape))


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
