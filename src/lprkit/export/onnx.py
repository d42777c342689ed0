"""A network as an ONNX file with its card inside, checked against the network it came from."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import torch

from lprkit.core.card import METADATA_KEY, ModelCard
from lprkit.core.errors import ModelError
from lprkit.models.network import Network
from lprkit.models.store import load_run
from lprkit.runtime import load

OPSET = 18
TOLERANCE = 2e-3
"""Largest difference of probabilities (readers) or share of the input's width (detectors) that counts as agreement."""


def export(run: Path, out: Path) -> Path:
    """Writes the best weights of a run folder to `out`, verified."""
    network, card = load_run(run)
    write(network, card, out)
    verify(network, out)
    return out


def write(network: Network, card: ModelCard, out: Path) -> None:
    """Writes the ONNX file: input `image` N, C, H, W; output N first; any N."""
    import onnx

    network = network.eval().cpu()
    example = torch.rand(2, network.spec.depth, network.spec.height, network.spec.width)
    batch = torch.export.Dim("N", min=1, max=4096)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            network,
            (example,),
            input_names=["image"],
            output_names=[network.output],
            dynamic_shapes={"x": {0: batch}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, card.to_json()
    model.doc_string = f"{card.name}: a licence-plate model made with lprkit"
    onnx.checker.check_model(model)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(model.SerializeToString())


def verify(network: Network, path: Path, count: int = 8) -> None:
    """Runs the file and the network on the same random pictures; a ModelError names the first that differs."""
    shape = (count, network.spec.depth, network.spec.height, network.spec.width)
    pictures = np.random.default_rng(0).random(shape, dtype=np.float32)
    with torch.no_grad():
        wanted = network.eval()(torch.from_numpy(pictures)).numpy()
    got = load(path, "onnx").run(pictures)
    reads = network.task == "read"
    gaps = np.abs(np.exp(wanted) - np.exp(got)) if reads else np.abs(wanted - got) / network.spec.width
    gaps = gaps.reshape(count, -1).max(axis=1)
    worst = int(np.argmax(gaps))
    if not gaps[worst] <= TOLERANCE:
        raise ModelError(
            f"{path}: differs from its network by {gaps[worst]:.2g} on sample {worst} (allowed {TOLERANCE})."
        )
