"""A tiny run of each kind of training, end to end: folder, resume, export, reading."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from lprkit import data  # noqa: E402
from lprkit.core import config  # noqa: E402
from lprkit.core.card import card_from_json  # noqa: E402
from lprkit.core.errors import ConfigError, DataError, ModelError  # noqa: E402
from lprkit.core.types import Plate, Sample  # noqa: E402
from lprkit.export import export  # noqa: E402
from lprkit.models.store import load_run  # noqa: E402
from lprkit.runtime import load  # noqa: E402
from lprkit.synth import generate  # noqa: E402
from lprkit.synth.camera import CLEAN  # noqa: E402
from lprkit.synth.generate import ScenePlan  # noqa: E402
from lprkit.train import loop, photographs, reading  # noqa: E402
from lprkit.train.batches import Batches  # noqa: E402
from lprkit.train.frames import ENTRY, OBJECTS, quad_at, whole, window  # noqa: E402
from lprkit.train.loop import train  # noqa: E402
from lprkit.train.pool import Pool  # noqa: E402
from lprkit.train.processes import fabric_of  # noqa: E402
from lprkit.train.settings import Drawn, Optim, Real, Settings, Stop, Teacher  # noqa: E402
from lprkit.train.task import Batch  # noqa: E402
from lprkit.train.teacher import lesson  # noqa: E402

CONFIGS = Path(__file__).parents[1] / "configs"

TINY = Settings(
    name="tiny",
    model="reader",
    steps=4,
    batch=8,
    drawn=Drawn(count=32, regions=("il",), first=32, workers=1),
    network={"widths": [4, 4, 8, 8], "blocks": [0, 0, 0, 0]},
    optim=Optim(rate=1e-3, ema=0.9),
    precision="32-true",
    accelerator="cpu",
    validate_every=2,
    validation=16,
    save_every=2,
    log_every=1,
)
TINY_DETECTOR = replace(
    TINY,
    model="detector",
    batch=2,
    labels=("license_plate", "car", "disabled_sticker"),
    drawn=replace(TINY.drawn, count=4, first=4),
    network={"widths": [4, 4, 4, 4, 4, 4], "blocks": [0] * 6, "neck": 4, "height": 64, "width": 128},
)


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_config_loads_and_builds(path: Path) -> None:
    from lprkit import plates
    from lprkit.models import build

    settings = config.load(Settings, path)
    classes = plates.alphabet(settings.drawn.regions).classes if "detector" not in settings.model else 2
    assert build(settings.model, classes, settings.network).spec.height > 0
    assert len(settings.drawn.weights) in (0, len(settings.drawn.regions))


@pytest.mark.parametrize(
    "change",
    [
        "steps=-1", "batch=1", "seed=-1", "guide=2", "log_every=0", "validate_every=0", "save_every=0", "threads=-1",
        "keep=-1", "stop.patience=-1", "drawn.count=0", "drawn.reuse=0", "drawn.legal=2", "drawn.preset_share=-0.1",
        "optim.rate=-1", "optim.rate=nan", "optim.factor=10", "optim.final=5", "optim.ema=2", "optim.decay=-1",
        "optim.l1=-1", "optim.noise=-1", "optim.clip=-1", "optim.warmup=2", "real.share=0.5",
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused(change: str) -> None:
    with pytest.raises(ConfigError, match=change.partition("=")[0].rpartition(".")[2]):
        config.load(Settings, CONFIGS / "lprnet-24x94.toml", [change])


def test_glyphs_that_are_not_there_are_told_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"drawn\.glyphs: there is no nowhere .* --set drawn\.glyphs=\[\]"):
        train(replace(TINY, drawn=replace(TINY.drawn, glyphs=("nowhere",))), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="has what is asked for")
def test_a_gpu_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accelerator: torch finds 0 GPUs here"):
        train(replace(TINY, accelerator="cuda"), tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("settings", [TINY, TINY_DETECTOR], ids=["reader", "detector"])
def test_a_run_leaves_what_it_promises_and_exports(settings: Settings, tmp_path: Path) -> None:
    straight = train(settings, tmp_path / "straight")
    promised = {"config.toml", "card.json", "best.safetensors", "log.jsonl", "log.csv", "tensorboard"}
    assert {path.name for path in straight.iterdir()} >= promised
    assert config.load(Settings, straight / "config.toml") == settings
    lines = [json.loads(line) for line in (straight / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4]
    assert [line["step"] for line in lines if "loss" not in line] == [2, 4]
    rows = list(csv.DictReader((straight / "log.csv").read_text(encoding="utf-8").splitlines()))
    values = {(line["step"], name): value for line in lines for name, value in line.items() if name != "step"}
    assert all(values[int(row["step"]), row["figure"]] == float(row["value"]) for row in rows)
    seen = board(straight)
    figures = {"exact", "cer"} if settings is TINY else {"f1"}
    assert seen["images"] == ["read"] and {"loss", "rate", *figures} <= {*seen["scalars"]}
    assert seen["histograms"] == (["confidence"] if settings is TINY else [])  # a detector this young finds nothing
    network, card = load_run(straight)
    assert card == card_from_json((straight / "card.json").read_text(), "card")
    assert card.origin["config"]["seed"] == 1

    model = export(straight, "onnx", tmp_path / "model.onnx")
    runner = load(model, "onnx")
    assert runner.card == card
    batch = np.random.default_rng(0).random((3, card.input.depth, card.input.height, card.input.width), np.float32)
    with torch.no_grad():
        wanted = network.eval()(torch.from_numpy(batch)).numpy()
    np.testing.assert_allclose(runner.run(batch), wanted, atol=2e-3)


def board(run: Path) -> dict[str, list[str]]:
    """The names of what TensorBoard shows of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return events.Tags()  # type: ignore[no-any-return]


@dataclass
class AfterSteps:
    """A deadline that passes after so many steps."""

    left: int

    @property
    def passed(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "figure"), [("adamw", "loss"), ("muon", "exact")])
def test_a_stopped_run_continues_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, figure: str
) -> None:
    optim = replace(TINY.optim, name=kind, noise=1e-2, l1=1e-4)  # type: ignore[arg-type]
    stop = Stop(patience=9, figure=figure)
    settings = replace(TINY, optim=optim, keep=1, save_every=1, validate_every=3, stop=stop)
    straight = train(settings, tmp_path / "straight")
    stopped = tmp_path / "stopped"
    shutil.copytree(straight / "pool", stopped / "pool")  # time is asked for once a step where none is waited for
    for steps in (0, 2):
        with monkeypatch.context() as patch:
            patch.setattr(loop, "Deadline", lambda at, steps=steps: AfterSteps(steps))
            train(settings, stopped, resume=steps > 0)
        assert json.loads((stopped / "state.json").read_text())["step"] == steps
    train(settings, stopped, resume=True)
    assert (straight / "state.json").read_text() == (stopped / "state.json").read_text()
    for name in ("last", "averaged", "optimizer", "best", "step-0000004"):
        assert (straight / f"{name}.safetensors").read_bytes() == (stopped / f"{name}.safetensors").read_bytes(), name


ASKED = """
import os, sys
from pathlib import Path
from lprkit.train import loop
from test_training import TINY
step = loop._Run.step
def asked(run):
    if run.state.step == 1:
        os.kill(os.getpid(), int(sys.argv[2]))
    return step(run)
loop._Run.step = asked
loop.train(TINY, Path(sys.argv[1]))
"""
"""A process of its own is asked: signals might end the one that tests."""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_loses_no_step(root: Path, tmp_path: Path, number: signal.Signals) -> None:
    straight, stopped = train(TINY, tmp_path / "straight"), tmp_path / "stopped"
    shutil.copytree(straight / "pool", stopped / "pool")
    command = [sys.executable, "-c", ASKED, str(stopped), str(int(number))]
    run = subprocess.run(command, cwd=root / "tests", capture_output=True, text=True, check=False)
    assert run.stderr.rstrip().endswith("KeyboardInterrupt")
    assert json.loads((stopped / "state.json").read_text())["step"] == 2
    assert f"stopped after step 2, as asked. Go on with --resume {stopped}" in (stopped / "log.jsonl").read_text()
    train(TINY, stopped, resume=True)
    for name in ("last", "averaged", "optimizer"):
        assert (straight / f"{name}.safetensors").read_bytes() == (stopped / f"{name}.safetensors").read_bytes(), name


@pytest.mark.slow
def test_a_run_that_gets_no_better_ends_and_tries_the_mean_of_its_checkpoints(tmp_path: Path) -> None:
    still = replace(TINY, optim=replace(TINY.optim, rate=0.0), steps=9, validate_every=1, save_every=1, keep=2)
    settings = replace(still, stop=Stop(patience=2, figure="exact"), h_concat=True, patterns="il")
    with pytest.raises(ConfigError, match="patterns: no text fits them"):
        train(settings, tmp_path / "run")
    run = train(replace(settings, h_concat=False), tmp_path / "run")
    for _ in range(2):  # the second time there is nothing left to do
        assert json.loads((run / "state.json").read_text())["step"] == 2
        assert sorted(path.name for path in run.glob("step-*")) == [f"step-000000{n}.safetensors" for n in (1, 2)]
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        assert "the mean of the last 2 checkpoints" in [line.get("note", "")[:34] for line in lines]
        assert lines[-1]["exact_patterns_il_on_prediction"] == 0 and lines[-1]["cer"] > 0
        train(replace(settings, h_concat=False), run, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize(("choose", "step", "keep"), [("best", 2, 2), ("last", 4, 1)])
def test_a_run_leaves_its_best_or_its_last_weights(
    choose: str, step: int, keep: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    falling = iter((0.9, 0.5, 0.1, 0.1))  # two validations, perhaps their mean, and the card
    monkeypatch.setattr(reading, "figures", lambda *_: {"exact": next(falling)})
    run = train(replace(TINY, choose=choose, keep=keep), tmp_path / "run")
    left, then = (load_file(run / name) for name in ("best.safetensors", f"step-{step:07}.safetensors"))
    assert all(torch.equal(left[name], then[name]) for name in left)


@pytest.mark.slow
def test_the_end_is_blended_with_the_beginning_once(tmp_path: Path) -> None:
    first = train(replace(TINY, steps=1), tmp_path / "first")
    with pytest.raises(ConfigError, match=r"blend = 0\.25 needs the weights to start from"):
        train(replace(TINY, blend=0.25), tmp_path / "run")
    settings = replace(TINY, initial=str(first), blend=0.25, optim=Optim(ema=0.0), validate_every=99)
    run = train(settings, tmp_path / "run")
    began, ended, kept = (load_file(file) for file in (
        first / "best.safetensors", run / "averaged.safetensors", run / "best.safetensors",
    ))  # fmt: skip
    weights = [name for name, value in kept.items() if value.is_floating_point()]
    off = [  # the best weights are those it began with, or those it ended with
        sum(float((kept[n] - share * began[n] - (1 - share) * ended[n]).abs().max()) for n in weights)
        for share in (0.25 + 0.375, 0.25)
    ]
    assert min(off) < 1e-4 < sum(float((began[n] - ended[n]).abs().max()) for n in weights)
    train(settings, run, resume=True)
    assert all(torch.equal(kept[n], value) for n, value in load_file(run / "best.safetensors").items())


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_run_and_leaves_its_batch(tmp_path: Path) -> None:
    wild = replace(TINY, optim=Optim(name="sgd", rate=1e30, clip=0.0, warmup=0.0))
    with pytest.raises(ModelError, match=r"run: the loss is nan at step 1\. Its batch is in .*failed_batch\.npz"):
        train(wild, tmp_path / "run")
    left = np.load(tmp_path / "run" / "failed_batch.npz")
    assert left["picture"].shape == (8, 48, 128, 1) and left["label"].shape == (8, 25) and left["step"] == 1


@pytest.mark.slow
def test_a_checkpoint_that_is_torn_or_of_other_settings_is_told(tmp_path: Path) -> None:
    run = train(replace(TINY, steps=1), tmp_path / "run")
    for other, told in (
        (replace(TINY, network={"widths": [8, 8, 8, 16]}), "run: was begun with network = "),
        (
            replace(TINY, model="lprnet-24x94"),
            "run: was begun with model = 'reader' and cannot go on with 'lprnet-24x94'",
        ),
        (replace(TINY, optim=replace(TINY.optim, name="sgd")), "run: was begun with optim.name = "),
    ):
        with pytest.raises(ConfigError, match=told):
            train(other, run, resume=True)
    for name in ("optimizer.safetensors", "state.json"):
        whole = (run / name).read_bytes()
        (run / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ModelError, match="run: its checkpoint is torn"):
            train(TINY, run, resume=True)
        (run / name).write_bytes(whole)


@pytest.mark.slow
def test_a_run_whose_time_is_up_while_it_waits_for_pictures_can_be_resumed(tmp_path: Path) -> None:
    long = replace(TINY, steps=1, drawn=replace(TINY.drawn, count=20_000, first=20_000))
    run = train(long, tmp_path / "run", max_minutes=1e-3)
    assert json.loads((run / "state.json").read_text(encoding="utf-8"))["step"] == 0
    done = np.load(run / "pool" / "done.npy", mmap_mode="r+")
    done[:] = 1
    run = train(long, run, resume=True)
    assert json.loads((run / "state.json").read_text(encoding="utf-8"))["step"] == 1


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(ConfigError, match="already holds a run"):
        train(TINY, tmp_path)
    with pytest.raises(ConfigError, match="holds no run to resume"):
        train(TINY, tmp_path / "empty", resume=True)


@pytest.mark.slow
def test_a_network_of_one_row_is_guided(tmp_path: Path) -> None:
    narrow = {"widths": [8, 8, 8, 8], "context": 8}
    led = replace(TINY, model="lprnet-24x94", network=narrow, guide=0.5, drawn=replace(TINY.drawn, rows=1))
    guided, plain = train(led, tmp_path / "guided"), train(replace(led, guide=0.0), tmp_path / "plain")
    lines = [(run / "log.csv").read_text(encoding="utf-8") for run in (guided, plain)]
    assert lines[0] != lines[1]
    with pytest.raises(ConfigError, match="guide: reader has 2 rows"):
        train(replace(TINY, guide=0.1), tmp_path / "two")


def test_a_folder_without_a_card_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no run folder"):
        load_run(tmp_path)


def frame() -> Sample:
    image = np.full((200, 300, 3), 90, np.uint8)
    image[80:120, 100:180] = 250
    quad = ((100.0, 80.0), (180.0, 80.0), (180.0, 120.0), (100.0, 120.0))
    return Sample((Plate("A1", quad),), "drawn:0:0", image)


@pytest.mark.parametrize("seed", range(12))
def test_a_window_keeps_its_plates_where_their_pixels_are(seed: int) -> None:
    item = window(frame(), ("license_plate",), 128, np.random.default_rng(seed))
    entries = item.label[: OBJECTS * ENTRY].reshape(OBJECTS, ENTRY)
    mask = item.picture[:, :, 0] > 200
    for entry in entries[entries[:, 0] == 0]:
        (left, top), (right, bottom) = np.array(quad_at(entry)).min(axis=0), np.array(quad_at(entry)).max(axis=0)
        rows, columns = np.nonzero(mask)
        assert columns.min() >= left - 2 and columns.max() <= right + 2
        assert rows.min() >= top - 2 and rows.max() <= bottom + 2
        assert mask.sum() > 0.6 * (right - left) * (bottom - top)


def test_a_whole_frame_is_letterboxed_with_its_plates() -> None:
    item = whole(frame(), ("license_plate",), (64, 128))
    assert item.picture.shape == (64, 128, 3)
    entry = item.label[:ENTRY]
    np.testing.assert_allclose(entry[1:9:2], np.array([100, 180, 180, 100]) * 0.32, atol=1e-4)


def test_a_label_that_cannot_be_learnt_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    from lprkit import plates
    from lprkit.core.image import save
    from lprkit.train.photographs import Room, usable

    def learn(text: str, steps: int, longest: int = 24) -> int:
        (tmp_path / "labels.csv").write_text(f"file,text,x,y,w,h,country\none.png,{text},1,1,9,5,IL\n")
        return len(usable([f"plates-csv:{tmp_path}"], plates.alphabet(["il"]), Room(steps, longest)))

    save(tmp_path / "images" / "one.png", np.zeros((8, 24, 3), np.uint8))
    with pytest.raises(DataError, match=r"labels\.csv line 2 \(.*one\.png\): .*'\?'"):
        learn("12?3", 64)
    with pytest.raises(DataError, match=r"line 2 .*'1111' has 4 tokens and needs 7 steps; expected .* 6 steps"):
        learn("1111", 6)
    with pytest.raises(DataError, match=r"fits into 3 tokens \(max_lp_length\)"):
        learn("1111", 7, 3)
    assert learn("1111", 7) == learn("1234", 4) == 1
    with pytest.raises(DataError, match=r"plates-csv:.*: no plate has a text and, in a frame, a box"):
        learn("", 64)


def test_a_set_that_only_validates_leaves_nothing_to_train_on(tmp_path: Path) -> None:
    data.write(
        "plates-csv", [Sample((Plate("1234567"),), "one.png", np.zeros((8, 24, 3), np.uint8), whole=True)], tmp_path
    )
    real = Real((f"plates-csv:{tmp_path}",), share=0.5, held_out=1.0)
    with pytest.raises(ConfigError, match=r"real\.held_out: all 1 plates of real\.data only validate"):
        reading.task(replace(TINY, real=real), tmp_path / "run")


def test_plates_without_a_text_are_learnt_from_as_the_reader_before_reads_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = [generate.scene_at(n, ScenePlan(("de",), camera=CLEAN, sizes=((640, 480),))) for n in range(6)]
    texts = [plate.text for frame in frames for plate in frame.plates if plate.label == "license_plate"]
    nameless = [replace(f, plates=tuple(replace(p, text="") for p in f.plates)) for f in frames]
    data.write("plates-csv", iter(nameless), tmp_path / "photos")
    confirmed = {"de": f"plates-csv:{tmp_path / 'photos'}"}
    settings = replace(TINY, initial="reader", real=Real(confirmed=confirmed, share=0.5, held_out=0.0))
    settings = replace(settings, drawn=replace(TINY.drawn, regions=("de",)))
    found = reading.task(settings, tmp_path / "run").recipe.real
    assert 0 < len(found) <= len(texts) and {s.plates[0].text for s in found} <= set(texts)
    assert all(s.plates[0].quad is not None and s.image is None for s in found)
    assert f"{len(found)} of {len(texts)} plates are confirmed" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(ConfigError, match=r"real\.confirmed: read by which model\?"):
        reading.task(replace(settings, initial=""), tmp_path / "run")
    with pytest.raises(ModelError, match=r"detector: is a model that can detect; expected a reader"):
        reading.task(replace(settings, initial="detector"), tmp_path / "run")
    with pytest.raises(ModelError, match=r"detector: is a model that can detect; expected a reader"):
        reading.task(replace(settings, teacher=Teacher("detector")), tmp_path / "run")  # asked first


@pytest.mark.slow
def test_a_reader_imitates_its_teacher(tmp_path: Path) -> None:
    first = train(TINY, tmp_path / "first")
    larger = {**TINY.network, "widths": [4, 8, 8, 16]}
    with_teacher = replace(TINY, network=larger, steps=1, optim=replace(TINY.optim, rate=0.0))
    taught = reading.task(replace(with_teacher, teacher=Teacher(str(first), 1.0, 0.5)), tmp_path / "task")
    teacher, pictures = load_run(first)[0].eval(), torch.rand(4, 1, 48, 128)
    label = torch.full((4, taught.recipe.label_size), -1)
    label[:, :2], label[:, -1] = torch.tensor([3, 4]), 2
    batch = Batch(pictures, (label,))
    assert taught.loss(teacher, batch, 0.0).item() == pytest.approx(0, abs=1e-4)  # it says itself what it is asked for
    assert taught.loss(taught.network.eval(), batch, 0.0).item() > 1
    plain = reading.task(with_teacher, tmp_path / "plain")
    by_text = plain.loss(teacher, batch, 0.0).item()
    assert taught.loss(teacher, batch, 0.25).item() == pytest.approx(by_text / 2, abs=1e-4)
    assert taught.loss(teacher, batch, 0.5).item() == by_text
    assert all(weight.grad is None for weight in teacher.parameters())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"drawn": replace(TINY.drawn, regions=("il", "de"))}, r"the reader to be trained other ones"),
        (
            {"network": {**TINY.network, "width": 96}},
            r"takes 48x128 grey .* and has 2 rows in 64 steps, the reader to be trained 48x96",
        ),
    ],
)
def test_a_teacher_must_fit(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    first = train(TINY, tmp_path / "first")
    with pytest.raises(ConfigError, match=told):
        reading.task(replace(TINY, teacher=Teacher(str(first)), **change), tmp_path / "run")


def test_a_teacher_must_be_shown_what_it_was_trained_on() -> None:
    network, card = load_run("reader")
    network.spec = replace(network.spec, mean=127.5)
    with pytest.raises(
        ConfigError, match=r"reader takes .*\(pixel - 0\).*, the reader to be trained .*\(pixel - 127\.5\)"
    ):
        lesson(replace(TINY, teacher=Teacher("reader")), network, card.tokens)


def test_a_detector_has_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"teacher\.model: only readers imitate another one"):
        train(replace(TINY_DETECTOR, teacher=Teacher("reader")), tmp_path / "run")


def test_batches_made_ahead_are_those_that_are_made_when_asked_for(tmp_path: Path) -> None:
    settings = replace(TINY, steps=9, drawn=replace(TINY.drawn, count=512, first=8, reuse=0.1))
    task, fabric = reading.task(settings, tmp_path), fabric_of(settings)
    pool = Pool(tmp_path / "pool", task.recipe, settings.drawn.count)
    pool.start(1)
    try:
        assert pool.wait(512)
        at_once, ahead = (Batches(settings, fabric, task, pool, count) for count in (0, 3))
        for step in range(settings.steps):
            item, batch = at_once.take(step)
            other, same = ahead.take(step)
            assert np.array_equal(item.picture, other.picture) and torch.equal(batch.pictures, same.pictures)
            assert len(ahead.coming) == min(3, settings.steps - 1 - step)
        ahead.close()
    finally:
        pool.stop()


@pytest.mark.slow
def test_a_run_starts_from_the_weights_of_another(tmp_path: Path) -> None:
    first = train(TINY, tmp_path / "first")
    still = replace(TINY, initial=str(first), steps=1, optim=replace(TINY.optim, rate=0.0))
    second = train(still, tmp_path / "second")
    old, new = load_run(first)[0].state_dict(), load_run(second, "last.safetensors")[0].state_dict()
    assert all(torch.equal(old[name], new[name]) for name, _ in load_run(first)[0].named_parameters())
    told = json.loads((second / "log.jsonl").read_text().splitlines()[0])["note"]
    assert str(first) in told and "(0 tokens are new)" in told and "skipped" not in told


def test_weights_to_start_from_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere: there are no weights"):
        train(replace(TINY, initial=str(tmp_path / "nowhere")), tmp_path / "run")
    with pytest.raises(ModelError, match=r"is no run folder"):
        train(replace(TINY, initial=str(tmp_path)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_photographs_that_only_validate_lend_no_surroundings_either(tmp_path: Path) -> None:
    frames = [generate.scene_at(n, ScenePlan(("de",), sizes=((320, 240),))) for n in range(12)]
    data.write("plates-csv", iter(frames), tmp_path / "photos")
    photos = (f"plates-csv:{tmp_path / 'photos'}",)
    drawn = Drawn(count=1, regions=("de",), photos=photos)
    settings = Settings(name="a", model="reader", steps=1, batch=1, drawn=drawn, real=Real(photos, held_out=0.5))
    left = reading.plan_of(settings).photos
    everything = photographs.photographs(photos)
    assert 0 < len(left) < len(everything)
    assert {s.source for s in left} == {s.source for s in everything if not photographs.is_held_out(s, 0.5)}
