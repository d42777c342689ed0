"""Every runtime gives the same, whatever the batch; what cannot run is refused with one line."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_models
from lprkit import runtime
from lprkit.core.card import InputSpec
from lprkit.core.errors import ConfigError, LprError, ModelError
from lprkit.pipeline.reader import reader, reader_of
from lprkit.runtime import RUNTIMES, is_installed, load
from lprkit.runtime.timing import time_call, time_model
from tiny_models import READER, bars

INSTALLED = [name for name in RUNTIMES if is_installed(name)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_models.write_reader(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.mark.parametrize("name", INSTALLED)
def test_batches_of_one_three_and_none_give_the_same_readings(model, name):
    read = reader(model, name)
    pictures = [bars("AB01"), bars("C_C2"), bars("0_1_")]
    together = read(pictures)
    assert [one.text for one in together] == ["AB01", "CC2", "01"]
    assert [read([picture])[0] for picture in pictures] == together
    assert read([]) == []


@pytest.mark.parametrize("name", INSTALLED)
def test_large_batches_come_back_whole_and_in_order(model, name):
    runner = load(model, name)
    batch = runner.card.input.batch([bars("AB01"), bars("2222")] * 40)
    out = runner.run(batch)
    assert out.shape == (80, tiny_models.STEPS, len(tiny_models.TOKENS) + 1)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out[::2], np.broadcast_to(out[0], (40, *out.shape[1:])), atol=1e-5)
    np.testing.assert_allclose(np.exp(out).sum(axis=2), 1, atol=1e-4)
    assert runner.run(batch[:0]).shape == (0, *out.shape[1:])


@pytest.mark.parametrize("name", INSTALLED)
def test_a_batch_may_lie_in_memory_in_any_way_and_what_came_out_stays(model, name):
    runner = load(model, name)
    batch = runner.card.input.batch([bars("AB01"), bars("2222"), bars("C_C2"), bars("0_1_")] * 8)
    wanted = runner.run(batch)
    kept = wanted.copy()
    np.testing.assert_allclose(runner.run(batch[::-1]), kept[::-1], atol=1e-5)
    np.testing.assert_allclose(runner.run(batch[::2]), kept[::2], atol=1e-5)
    np.testing.assert_array_equal(wanted, kept)


@pytest.mark.parametrize("fixed", [1, 4])
@pytest.mark.parametrize("name", INSTALLED)
def test_a_network_with_a_fixed_batch_takes_any(tmp_path, name, fixed):
    runner = load(tiny_models.write_reader(tmp_path / "fixed.onnx", batch=fixed), name)
    read = reader_of(runner)
    assert [one.text for one in read([bars("AB01")] * 5 + [bars("2101")])] == ["AB01"] * 5 + ["2101"]
    assert read([]) == []


@pytest.mark.parametrize("name", INSTALLED)
def test_threads_do_not_change_what_comes_out(model, name):
    one, two = load(model, name, threads=1), load(model, name, threads=2)
    batch = one.card.input.batch([bars("AB01")])
    np.testing.assert_allclose(one.run(batch), two.run(batch), atol=1e-5)


@pytest.mark.parametrize("name", INSTALLED)
def test_several_threads_may_share_a_model(model, name):
    from concurrent.futures import ThreadPoolExecutor

    read = reader(model, name)
    texts = ["AB01", "2101", "C_C2", "0_1_"] * 25
    with ThreadPoolExecutor(4) as workers:
        got = list(workers.map(lambda text: read([bars(text)])[0].text, texts))
    assert got == [text.replace("_", "") for text in texts]


def test_runtimes_agree(model):
    pictures = [bars(text) for text in ("AB01", "C_C2", "____", "2222")]
    outs = [load(model, name).run(READER.input.batch(pictures)) for name in INSTALLED]
    for out in outs[1:]:
        np.testing.assert_allclose(np.exp(out), np.exp(outs[0]), atol=1e-3)


def test_openvino_is_taken_where_it_is_installed(model, monkeypatch):
    monkeypatch.setattr(runtime, "is_installed", lambda name: name != "openvino")
    assert load(model).runtime == "onnx"
    if "openvino" in INSTALLED:
        monkeypatch.setattr(runtime, "is_installed", lambda name: True)
        assert load(model).runtime == "openvino"


def test_a_missing_runtime_says_what_to_install(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigError, match=r"pip install 'lprkit\[openvino\]'"):
        load(model, "openvino")


def test_an_unknown_runtime_is_named_with_a_suggestion(model):
    with pytest.raises(ConfigError, match=r"No runtime named 'onxx'\. Did you mean 'onnx'"):
        load(model, "onxx")


def test_the_card_may_lie_beside_the_file(tmp_path):
    path = tiny_models.write_reader(tmp_path / "bare.onnx", card=None)
    with pytest.raises(ModelError, match="holds no lprkit model card"):
        load(path)
    (tmp_path / "bare.json").write_text(READER.to_json(), encoding="utf-8")
    assert load(path).card == READER


def damaged(path: Path) -> bytes:
    """The file with its graph overwritten but its length fields intact."""
    content = path.read_bytes()
    at = content.index(b"AveragePool")
    return content[:at] + b"AveragePoop" + content[at + 11 :]


@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("kind", ["text", "empty", "cut", "png", "operator"])
def test_a_file_that_is_no_model_is_refused_in_one_line(model, tmp_path, name, kind):
    contents = {
        "text": b"hello, I am no model",
        "empty": b"",
        "cut": model.read_bytes()[:-40],
        "png": b"\x89PNG\r\n\x1a\n" + bytes(60),
        "operator": damaged(model),
    }
    path = tmp_path / "bad.onnx"
    path.write_bytes(contents[kind])
    with pytest.raises(LprError) as caught:
        load(path, name)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_card_that_does_not_fit_the_network_is_refused(tmp_path):
    path = tiny_models.write_reader(tmp_path / "odd.onnx", replace(READER, input=InputSpec(16, 80, "grey")))
    with pytest.raises(ModelError, match=r"takes \(None, 1, 16, 64\), its card says \(N, 1, 16, 80\)"):
        load(path, "onnx")


def test_a_detector_does_not_read(tmp_path):
    path = tiny_models.write_detector(tmp_path / "detector.onnx")
    with pytest.raises(ModelError, match="can detect; expected a reader"):
        reader(path)


def test_times_are_measured(model):
    calls = []
    taken = time_call(lambda: calls.append(1), seconds=0.0, least=10)
    assert taken.calls == 10 and len(calls) == 13 and 0 <= taken.median_ms <= taken.p95_ms
    assert time_model(load(model), 2, seconds=0.01).median_ms > 0
