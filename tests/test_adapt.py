"""A reader gets better on plates without labels, and never worse on those that decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import tiny_models  # noqa: E402
from lprkit import plates  # noqa: E402
from lprkit.cli.main import main  # noqa: E402
from lprkit.core.errors import DataError, ModelError  # noqa: E402
from lprkit.core.image import save  # noqa: E402
from lprkit.core.types import Image, Plate, Reading, Sample  # noqa: E402
from lprkit.models import build  # noqa: E402
from lprkit.models.network import Network  # noqa: E402
from lprkit.models.store import CARD, WEIGHTS, blank_card, load_run, save_weights  # noqa: E402
from lprkit.runtime import load  # noqa: E402
from lprkit.synth.camera import CLEAN  # noqa: E402
from lprkit.synth.generate import CropPlan  # noqa: E402
from lprkit.synth.generate import crops as crops_of  # noqa: E402
from lprkit.train import adapt as module  # noqa: E402
from lprkit.train.adapt import Held, adapt, best_of  # noqa: E402
from lprkit.train.confirm import Rules, _why_not, verdicts  # noqa: E402
from lprkit.train.self_training import GIVEN, Adapting, between, estimate_norms  # noqa: E402
from lprkit.train.unlabelled import each_plate  # noqa: E402

IL = plates.region("il")
OPTIONS = {"widths": [8, 16, 24, 32], "blocks": [0, 0, 0, 1], "width": 64, "dropout": 0.0}
HOW = Adapting(("paths:unused",), steps=4, batch=16)


def reading(text: str = "123", score: float = 0.95, pattern: str | None = "a") -> Reading:
    return Reading(text, score, pattern=pattern)


ALIKE = [reading()] * 6
REFUSED = {
    "": (ALIKE, [reading()], Rules(IL)),
    "nothing is read": ([reading("")] * 6, [], Rules()),
    "no plate of il": ([reading(pattern=None)] * 6, [], Rules(IL)),
    "the views differ": ([*ALIKE[:4], reading("128"), reading("12")], [], Rules()),
    "another reader differs": (ALIKE, [reading(), reading("1234")], Rules()),
    "unsure": ([reading(score=0.5)] * 6, [], Rules()),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_text_is_believed_or_refused_for_a_reason(why: str) -> None:
    own, theirs, rules = REFUSED[why]
    assert _why_not(own[0], own, theirs, rules) == why


def test_one_view_of_all_may_differ() -> None:
    assert _why_not(ALIKE[0], [*ALIKE[:5], reading("12")], [], Rules()) == ""


def test_a_verdict_holds_the_plate_cut_out_several_times(tmp_path: Path) -> None:
    runner = load(tiny_models.write_reader(tmp_path / "tiny.onnx"), "onnx")
    frame = tiny_models.frame("AB01")
    quad = ((112.0, 84.0), (208.0, 84.0), (208.0, 116.0), (112.0, 116.0))
    samples = [
        Sample((Plate("XX", quad),), "frame", frame),
        Sample((Plate(),), "crop", tiny_models.bars("AB01"), whole=True),
    ]
    for rules, text in ((Rules(least=0.0), None), (Rules(labelled=True), "XX")):
        first, second = verdicts(samples, runner, rules)
        assert all(view.shape == (16, 64, 3) for view in first.views + second.views) and len(first.views) == 4
        assert first.plate.quad is None and second.plate.text == "AB01"
        assert text in (None, first.plate.text)


def test_every_plate_with_a_place_is_asked_for(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.zeros((8, 20, 3), np.uint8))
    found = list(each_plate([f"paths:{tmp_path}", f"filename:{tmp_path}"]))
    assert [sample.plates[0].text for sample in found] == ["", "A"]


GIVES = Held(0.9, 0.8, 0.5)
CHOICES = {
    "better on one": (Held(0.95, 0.8, 0.6), True),
    "worse on drawn plates": (Held(0.99, 0.79, 0.1), False),
    "worse on given plates": (Held(0.89, 0.99, 0.1), False),
    "as good but surer": (Held(0.9, 0.8, 0.4), True),
    "as good but less sure": (Held(0.9, 0.8, 0.6), False),
    "the same": (GIVES, False),
}


@pytest.mark.parametrize("case", CHOICES)
def test_a_candidate_is_never_worse_than_the_model_given(case: str) -> None:
    held, taken = CHOICES[case]
    assert best_of({GIVEN: GIVES, "other": held}) == ("other" if taken else GIVEN)


def test_the_best_of_the_better_ones_is_taken() -> None:
    others = {"a": Held(0.92, 0.8, 0.1), "b": Held(0.91, 0.85, 0.9), "c": Held(1.0, 0.7, 0.0)}
    assert best_of({GIVEN: GIVES, **others}) == "b"


def fresh() -> Network:
    torch.manual_seed(1)
    return build("reader", len(IL.tokens) + 1, OPTIONS)


def test_batch_norm_is_measured_on_what_it_is_shown() -> None:
    network, seen = fresh().eval(), []
    norm = next(module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d))
    handle = norm.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    before = {name: value.clone() for name, value in network.named_parameters()}
    batches = [torch.rand(6, 1, 48, 64) for _ in range(3)]
    estimate_norms(network, batches)
    handle.remove()
    wanted = torch.stack([batch.mean(dim=(0, 2, 3)) for batch in seen]).mean(dim=0)
    assert torch.allclose(norm.running_mean, wanted, atol=1e-5) and norm.momentum == 0.1 and not norm.training
    assert all(torch.equal(before[name], value) for name, value in network.named_parameters())


def test_halfway_is_the_mean_of_both() -> None:
    one, other = fresh(), fresh()
    with torch.no_grad():
        other.head.weight.add_(2.0)
    assert torch.allclose(between(one, other).head.weight, one.head.weight + 1.0)


def run_of(network: Network, folder: Path) -> Path:
    card = blank_card("small", "reader", network, IL.tokens)
    options = {**card.options, "network": OPTIONS}
    card = replace(card, options=options, origin={"config": {"drawn": {"regions": ["il"]}}})
    folder.mkdir()
    save_weights(network, folder / WEIGHTS)
    (folder / CARD).write_text(card.to_json(), encoding="utf-8")
    return folder


def crops(folder: Path, pictures: Sequence[Image]) -> str:
    for n, picture in enumerate(pictures):
        save(folder / f"{n:04}.png", picture)
    return f"paths:{folder}"


def test_too_few_sure_plates_are_told_with_the_reasons(tmp_path: Path) -> None:
    run, out = run_of(fresh(), tmp_path / "run"), tmp_path / "out"
    given = crops(tmp_path / "crops", [np.full((30, 90, 3), 128, np.uint8)] * 5)
    with pytest.raises(DataError, match=r"^0 of 5 plates are confirmed, at least 20 are needed \(5 "):
        adapt(run, out, replace(HOW, data=(given,)))
    assert (out / "refused.png").exists() and not (out / WEIGHTS).exists()


def test_what_is_no_reader_or_no_free_folder_is_told(tmp_path: Path) -> None:
    run = run_of(fresh(), tmp_path / "run")
    with pytest.raises(DataError, match="already holds a model"):
        adapt(run, run, HOW)
    card = json.loads((run / CARD).read_text())
    detector = build("detector", 1, {})
    folder = tmp_path / "detector"
    folder.mkdir()
    save_weights(detector, folder / WEIGHTS)
    found = blank_card("d", "detector", detector, ("license_plate",))
    (folder / CARD).write_text(found.to_json(), encoding="utf-8")
    with pytest.raises(ModelError, match="can detect; expected a reader"):
        adapt(folder, tmp_path / "out", HOW)
    assert card["name"] == "small"


def drawn_plates(count: int, folder: Path) -> str:
    """Clean plates with their texts."""
    samples = list(crops_of(CropPlan(regions=("il",), camera=CLEAN, seed=9, legal=1.0), count, workers=1))
    for n, sample in enumerate(samples):
        assert sample.image is not None
        save(folder / f"{sample.plates[0].text}-{n}.png", sample.image)
    return f"filename:{folder}"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAWN", 24)
    monkeypatch.setattr(module, "DRAWN_HELD_OUT", 8)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_run_folder_holds_a_reader_that_knows_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = run_of(fresh(), tmp_path / "run"), tmp_path / "out"
    given = drawn_plates(40, tmp_path / "plates")
    words = ["adapt", str(run), "--data", given, "--out", str(out), "--labelled", "--steps", "12", "--rate", "5e-3"]
    with pytest.raises(SystemExit) as caught:
        main([*words, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert caught.value.code == 0 and told["better"] and told["counts"] == {"confirmed": 40}
    promised = {"best.safetensors", "card.json", "confirmed.png", "model.onnx", "report.json"}
    assert {path.name for path in out.iterdir()} == promised
    assert json.loads((out / "report.json").read_text()) == told
    before, after = told["held"][GIVEN], told["held"][told["chosen"]]
    assert after["loss"] < before["loss"] and after["given"] >= before["given"] and after["drawn"] >= before["drawn"]
    network, card = load_run(out)
    assert card.origin["adapted"]["confirmed"] == 40 and card.tokens == load_run(run)[1].tokens
    assert not torch.equal(network.head.weight, load_run(run)[0].head.weight)
    assert load(out, "onnx").card == card


@pytest.mark.usefixtures("quick")
def test_without_anything_better_the_reader_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worst = iter(range(10))
    monkeypatch.setattr(module, "_held", lambda *_: Held(1.0, 1.0, float(next(worst))))
    run, out = run_of(fresh(), tmp_path / "run"), tmp_path / "out"
    given = drawn_plates(25, tmp_path / "plates")
    result = adapt(run, out, replace(HOW, data=(given,), labelled=True, steps=1))
    assert not result.better and result.chosen == GIVEN
    (old, card), (new, its_card) = load_run(run), load_run(out)
    assert card == its_card
    assert all(torch.equal(value, new.state_dict()[name]) for name, value in old.state_dict().items())


@pytest.mark.usefixtures("quick")
def test_plates_of_one_text_leave_none_to_decide(tmp_path: Path) -> None:
    picture = np.full((30, 90, 3), 200, np.uint8)
    for n in range(25):
        save(tmp_path / "plates" / f"1234567-{n}.png", picture)
    with pytest.raises(DataError, match="All 25 confirmed plates say nearly the same"):
        adapt(
            run_of(fresh(), tmp_path / "run"),
            tmp_path / "out",
            replace(HOW, data=(f"filename:{tmp_path / 'plates'}",), labelled=True),
        )


@pytest.mark.usefixtures("quick")
def test_a_label_that_cannot_be_learnt_is_left_out(tmp_path: Path) -> None:
    for name in ("AB123", "1" * 25):
        save(tmp_path / "plates" / f"{name}.png", np.full((30, 90, 3), 200, np.uint8))
    how = replace(HOW, data=(f"filename:{tmp_path / 'plates'}",), labelled=True)
    with pytest.raises(DataError, match=r"1 (with a sign that the reader lacks|longer than the reader can spell), 1 "):
        adapt(run_of(fresh(), tmp_path / "run"), tmp_path / "out", how)
