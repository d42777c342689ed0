"""A network as an ONNX file with its card inside, checked against the network it came from."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch

from lprkit.core.card import METADATA_KEY, ModelCard
from lprkit.core.errors import ConfigError, ModelError
from lprkit.evaluate.agree import Tolerance, agreement, demand, drawn
from lprkit.export import ANY, CHECKED, Options, file_of, refuse
from lprkit.export.resize import resized
from lprkit.models.network import Network
from lprkit.models.store import load_run
from lprkit.runtime import load
from lprkit.runtime.torch import runner_of

OPSET = 18
"""The one that PyTorch's exporter writes; newer ones are converted from it."""


def export(model: str | Path, out: Path, options: Options) -> Path:
    """Writes the best weights of a run folder, or those of a bundled name, to `out`, verified."""
    refuse("onnx", options, "half")
    network, card = load_run(model)
    if options.size:
        network, card = resized(network, card, *options.size)
    file = file_of(out, "model.onnx")
    write(network, card, file, options)
    demand(
        agreement(runner_of(network, card), load(file, "onnx"), drawn(card, CHECKED[card.task])), Tolerance(), str(file)
    )
    return file


def write(network: Network, card: ModelCard, out: Path, options: Options = ANY) -> None:
    """Writes the ONNX file: input `image` N, C, H, W; output N first."""
    import onnx

    network, opset = network.eval().cpu(), options.opset or OPSET
    newest = onnx.defs.onnx_opset_version()
    if not OPSET <= opset <= newest:
        raise ConfigError(f"--opset {opset}: cannot be written. Choose one from {OPSET} to {newest}.")
    example = torch.rand(options.batch or 2, network.spec.depth, network.spec.height, network.spec.width)
    batch = torch.export.Dim("N", min=1, max=4096)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            network,
            (example,),
            input_names=["image"],
            output_names=[network.output],
            dynamic_shapes=None if options.batch else {"x": {0: batch}},
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]  # source lines and paths of the machine that wrote the file
    if model.opset_import[0].version != opset:
        raise ModelError(f"{card.name}: this network cannot be written in opset {opset}. Leave --opset out.")
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, card.to_json()
    model.doc_string = f"{card.name}: a licence-plate model made with lprkit"
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())
