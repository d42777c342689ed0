"""Milliseconds a plate of our readers beside another recogniser, the networks alone, on the same machine.

    python benchmarks/peer.py MODEL.onnx [--width 320] [--runs 5] [--page]

Made for the recogniser of PP-OCRv4 (Apache-2.0) as RapidOCR runs it: `pip download --no-deps
rapidocr-onnxruntime==1.4.4` brings a wheel, and in it `rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx`, which
takes 3x48x320. Each network runs for a second, then the next one, several times over: what slows the machine down
for a while slows all of them. Plates come alone, six at once as RapidOCR sends them, and 32 at once. "fixed" is a file
of OpenVINO that takes just so many, as `lprkit export --to openvino --batch N` makes it. `--page` puts the figures into
docs/performance.md.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
import openvino
from numpy.typing import NDArray
from performance import machine, write

from lprkit.export import Options, export
from lprkit.runtime import load
from lprkit.runtime.openvino import open_model
from lprkit.runtime.timing import time_call, time_model

READERS = ("reader", "reader-int8")
RUNTIMES = ("onnx", "openvino", "fixed")
AGAINST = ("onnx", "fixed")
"""How the other network is run that ours are held against: as RapidOCR does, and as fast as can be."""
BATCHES = (1, 6, 32)
SECONDS = 1.0

Key = tuple[str, str, int]
"""Network, runtime, plates at once."""
Clock = Callable[[int], float]
"""Plates at once -> milliseconds a plate."""


def main() -> None:
    """Measures, prints the table, and writes it into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="the other recogniser, an ONNX file that takes 3x48xWIDTH")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--page", action="store_true", help="rewrite the part in docs/performance.md")
    options = parser.parse_args()
    if not options.model.is_file():
        parser.error(f"{options.model}: there is no such file; --help says where PP-OCRv4's comes from.")
    with TemporaryDirectory() as folder:
        clocks = {
            (options.model.stem, runtime): peer(options.model, options.width, runtime, Path(folder))
            for runtime in RUNTIMES
        }
        clocks |= {(name, runtime): ours(name, runtime, Path(folder)) for name in READERS for runtime in RUNTIMES}
    keys = [(*network, batch) for batch in BATCHES for network in clocks]
    taken = [[clocks[name, runtime](batch) for name, runtime, batch in keys] for _ in range(options.runs)]
    medians = dict(zip(keys, map(statistics.median, zip(*taken, strict=True)), strict=True))
    said = table(medians, options.model.stem)
    print(said)
    if options.page:
        write("peer", f"{said}\n\n{machine()} ONNX Runtime {onnxruntime.__version__}, OpenVINO {openvino.__version__}.")


def ours(name: str, runtime: str, folder: Path) -> Clock:
    """What times a bundled reader."""
    if runtime == "fixed":
        files = {n: export(name, "openvino", folder / f"{name}-{n}.xml", Options(batch=n)) for n in BATCHES}
        runners = {n: load(file, "openvino") for n, file in files.items()}
    else:
        runners = dict.fromkeys(BATCHES, load(name, runtime))
    return lambda batch: time_model(runners[batch], batch, SECONDS).median_ms / batch


def peer(model: Path, width: int, runtime: str, folder: Path) -> Clock:
    """What times the other network.

    In ONNX Runtime by its own settings, as RapidOCR runs it: ours let the cores rest between two calls, which costs
    the other one half as much again.
    """
    if runtime == "onnx":
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        runs = dict.fromkeys(BATCHES, partial(in_session, session))
    elif runtime == "openvino":
        runs = dict.fromkeys(BATCHES, open_model(model, None).run)
    else:
        runs = {n: open_model(fixed(model, width, n, folder), None).run for n in BATCHES}

    def clock(batch: int) -> float:
        noise = np.random.default_rng(0).standard_normal((batch, 3, 48, width), np.float32)
        return time_call(lambda: runs[batch](noise), SECONDS).median_ms / batch

    return clock


def fixed(model: Path, width: int, batch: int, folder: Path) -> Path:
    """The other network as a file of OpenVINO for so many plates."""
    network, file = openvino.Core().read_model(model), folder / f"{model.stem}-{batch}.xml"
    network.reshape([batch, 3, 48, width])
    openvino.save_model(network, file, compress_to_fp16=False)
    return file


def in_session(session: onnxruntime.InferenceSession, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a network says in ONNX Runtime."""
    return np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0])


def table(medians: Mapping[Key, float], other: str) -> str:
    """A row a network, runtime and batch in Markdown, each held against the other recogniser as AGAINST says."""
    against = "".join(f" {other} in {runtime} takes |" for runtime in AGAINST)
    rows = [f"| at once | network | runtime | ms a plate |{against}", "|---:|---|---|---:|---:|---:|"]
    for (name, runtime, batch), ms in medians.items():
        times = "".join(f" {medians[other, base, batch] / ms:.1f}× |" for base in AGAINST)
        rows.append(f"| {batch} | {name} | {runtime} | {ms:.2f} |{times}")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
