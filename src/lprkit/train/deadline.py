"""When a run must stop: its time is up, or it is asked to, by Ctrl-C or SIGTERM."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from dataclasses import dataclass
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEAF = (signal.SIG_IGN, None)
"""A process that a script starts in the background ignores Ctrl-C, and goes on doing so; None: not Python's handler."""


@dataclass
class Deadline:
    """When a run must stop."""

    at: float

    @property
    def passed(self) -> bool:
        """Whether it is time."""
        return time.time() > self.at


class Asked:
    """True once a run was asked to stop while this is entered: it ends after the step it is at, and loses nothing.

    From the first signal on they do again what they did before, so that a second one stops it at once. Only the main
    thread of a process hears signals; in another one nobody can ask.
    """

    def __init__(self, pass_on: bool = False) -> None:
        self.pass_on = pass_on
        """Whether the processes that this one started are asked too. Ctrl-C reaches them by itself."""
        self.asked = False
        self.before: dict[int, Any] = {}

    def __bool__(self) -> bool:
        return self.asked

    def __enter__(self) -> Asked:
        if threading.current_thread() is threading.main_thread():
            self.before = {n: signal.signal(n, self._ask) for n in SIGNALS if signal.getsignal(n) not in DEAF}
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()

    def _ask(self, number: int, _: FrameType | None) -> None:
        self.asked = True
        self._give_back()
        if self.pass_on and number == signal.SIGTERM:
            for process in multiprocessing.active_children():
                process.terminate()

    def _give_back(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}
