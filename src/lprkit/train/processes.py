"""Several processes that train one network: each takes its share of every batch."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import torch

from lprkit.core import errors
from lprkit.core.errors import ConfigError
from lprkit.train.deadline import Asked
from lprkit.train.settings import Settings

if TYPE_CHECKING:
    from lightning.fabric import Fabric


MALLOC = {-1: 2**31 - 1, -2: 2**28, -3: 2**30}
"""glibc's M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_THRESHOLD in bytes (mallopt(3))."""


def fabric_of(settings: Settings) -> Fabric:
    """The devices and the precision of a run."""
    from lightning.fabric import Fabric

    if settings.batch % settings.devices:
        raise ConfigError(f"devices: a batch of {settings.batch} cannot be shared among {settings.devices} evenly.")
    _check_gpus(settings)
    strategy = "auto" if settings.devices == 1 else "ddp_spawn"
    return Fabric(
        accelerator=settings.accelerator, strategy=strategy, devices=settings.devices, precision=settings.precision
    )


def _check_gpus(settings: Settings) -> None:
    """A ConfigError where there are fewer GPUs than the settings ask for."""
    if settings.accelerator == "cuda" and torch.cuda.device_count() < settings.devices:
        raise ConfigError(
            f"accelerator: torch finds {torch.cuda.device_count()} GPUs here, the settings ask for {settings.devices}. "
            "Take 'cpu' or 'auto', or install a torch for GPUs."
        )


def keep_memory() -> None:
    """Lets the C library keep what tensors gave back, instead of asking the system anew for each.

    Of a training step of `lprnet-24x94` on a CPU that was nearly half. Only glibc has it; others go on without.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for parameter, value in MALLOC.items():
        mallopt(parameter, value)


def launch(fabric: Fabric, work: Callable[[Fabric], None]) -> None:
    """Runs `work` in every process; what goes wrong in one of them is raised here."""
    from torch.multiprocessing.spawn import ProcessException, ProcessRaisedException

    if fabric.world_size == 1:
        work(fabric)
        return
    asked = Asked(pass_on=True)
    try:
        with asked:
            fabric.launch(partial(_together, work))
    except ProcessException as error:
        if asked:
            raise KeyboardInterrupt from None  # before all of them could hear it
        if not isinstance(error, ProcessRaisedException):
            raise
        # All that is left of the error is the text of its traceback, which ends in "lprkit.core.errors.Kind: message".
        name, _, message = str(error).strip().splitlines()[-1].partition(": ")
        kind = getattr(errors, name.removeprefix(f"{errors.__name__}."), None)
        if kind is None:
            raise
        raise kind(message) from None
    if asked:
        raise KeyboardInterrupt


def _together(work: Callable[[Fabric], None], fabric: Fabric) -> None:
    """One process's part, and its leave: one that exits with threads that still listen to the others may abort."""
    with suppress(KeyboardInterrupt):  # asked to stop, as the process that started this one is
        work(fabric)
    torch.distributed.destroy_process_group()
