"""A model as OpenVINO's IR: `model.xml` and `model.bin`, with the card beside them as `model.json`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from lprkit.compress.quantise import ALLOWED
from lprkit.core.card import ModelCard
from lprkit.core.errors import ModelError
from lprkit.evaluate.agree import Tolerance, agreement, demand, drawn
from lprkit.export import CHECKED, Options, file_of, refuse
from lprkit.runtime import Runner, in_chunks, load
from lprkit.runtime.openvino import keep_wide, opened
from lprkit.weights import find


def export(model: str | Path, out: Path, options: Options) -> Path:
    """Writes the IR of a run folder, an ONNX file or a bundled name, verified in fp32."""
    refuse("openvino", options, "opset")
    with TemporaryDirectory() as folder:
        return _export(_source(model, Path(folder), options), file_of(out, "model.xml"), options)


def _source(model: str | Path, folder: Path, options: Options) -> Path:
    """The ONNX file; written anew where another size is asked for."""
    if options.size is None:
        return find(model)
    from lprkit.export import onnx

    return onnx.export(model, folder, Options(size=options.size))


def _export(source: Path, file: Path, options: Options) -> Path:
    import openvino

    original = load(source, "onnx")
    spec = original.card.input
    try:
        network = openvino.Core().read_model(str(source))
        keep_wide(network)
        network.reshape([options.batch or -1, spec.depth, spec.height, spec.width])
        openvino.save_model(network, str(file), compress_to_fp16=bool(options.half))
    except RuntimeError as error:
        raise ModelError(f"{source}: OpenVINO cannot take it ({' '.join(str(error).split())[:200]}).") from None
    file.with_suffix(".json").write_text(original.card.to_json(), encoding="utf-8")
    found = agreement(original, _exactly(file, original.card), drawn(original.card, CHECKED[original.card.task]))
    kind = "fp16" if options.half else original.card.origin.get("quantised", {}).get("to")
    demand(found, ALLOWED.get(kind, Tolerance()), str(file))
    return file


def _exactly(file: Path, card: ModelCard) -> Runner:
    """The IR in fp32 also where OpenVINO would compute in bf16."""
    return Runner(card, in_chunks(opened(file, {"INFERENCE_PRECISION_HINT": "f32"}), card.input), "openvino")
