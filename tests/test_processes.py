"""Two processes train what one does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from lprkit.core.errors import ConfigError, ModelError  # noqa: E402
from lprkit.models.store import load_run  # noqa: E402
from lprkit.train.changes import Augment  # noqa: E402
from lprkit.train.deadline import Asked  # noqa: E402
from lprkit.train.loop import train  # noqa: E402
from lprkit.train.settings import Optim  # noqa: E402
from test_training import TINY  # noqa: E402

ALIKE = replace(
    TINY,
    steps=3,
    network={**TINY.network, "dropout": 0.0},
    augment=Augment(),
    optim=Optim(name="sgd", rate=1e-2, freeze_norm=True, noise=1e-3, ema=0.9),
)
"""Nothing in it depends on who sees which part of a batch: no dropout, and batch-norm stays as it is."""


@pytest.mark.slow
def test_two_processes_end_where_one_does(tmp_path: Path) -> None:
    one = train(ALIKE, tmp_path / "one")
    for pool in ("pool", "validation"):
        shutil.copytree(one / pool, tmp_path / "two" / pool)  # the same would be drawn
    two = train(replace(ALIKE, devices=2), tmp_path / "two")
    assert json.loads((two / "state.json").read_text())["step"] == 3
    for weights in ("last.safetensors", "averaged.safetensors"):
        wanted, got = (load_run(run, weights)[0].state_dict() for run in (one, two))
        for name, value in wanted.items():
            torch.testing.assert_close(got[name], value, atol=1e-5, rtol=1e-4, msg=name)
    lines = [[json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()] for run in (one, two)]
    for alone, shared in zip(*lines, strict=True):
        both = alone.keys() & {"step", "loss", "rate", "exact", "ctc"}
        assert {name: shared[name] for name in both} == pytest.approx({name: alone[name] for name in both}, rel=1e-4)


@pytest.mark.slow
def test_what_goes_wrong_in_a_process_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the loss is nan at step \d\. Its batch is in .*failed_batch\.npz"):
        train(replace(ALIKE, devices=2, optim=replace(ALIKE.optim, rate=1e30, clip=0.0)), tmp_path / "run")


def test_a_batch_is_shared_evenly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a batch of 8 cannot be shared among 3 evenly"):
        train(replace(TINY, devices=3), tmp_path / "run")


ASKED = """
import multiprocessing, os, signal, time
from lprkit.train.deadline import Asked
waiting = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
waiting.start()
with Asked(pass_on=True) as asked:
    assert not asked
    os.kill(os.getpid(), signal.SIGTERM)
    waiting.join()
    assert asked and waiting.exitcode == -signal.SIGTERM
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        print("heard")
"""


def test_who_is_asked_to_stop_asks_its_processes_and_hears_the_second_signal_itself() -> None:
    run = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert run.stdout == "heard\n"


DEAF = """
import os, signal
from lprkit.train.deadline import Asked
signal.signal(signal.SIGINT, signal.SIG_IGN)
with Asked() as asked:
    os.kill(os.getpid(), signal.SIGINT)
    print(bool(asked))
"""


def test_who_ignores_ctrl_c_is_not_asked_by_it() -> None:
    run = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_in_a_thread_nobody_can_ask() -> None:
    found: list[bool] = []

    def listen() -> None:
        with Asked() as asked:
            found.append(bool(asked))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert found == [False]
