"""What a run tells while it goes: a line on the console, JSON lines, CSV, TensorBoard."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from lprkit.train.task import Found


class Log:
    """Writes `log.jsonl`, `log.csv` and TensorBoard events below a run folder, and a progress bar."""

    def __init__(self, folder: Path, steps: int, first: int) -> None:
        from torch.utils.tensorboard.writer import SummaryWriter

        self.file = (folder / "log.jsonl").open("a", encoding="utf-8")
        self.table = (folder / "log.csv").open("a", encoding="utf-8", newline="")
        self.rows = csv.writer(self.table)
        if not self.table.tell():
            self.rows.writerow(["step", "seconds", "figure", "value"])
        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=first)
        bar = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self.progress = Progress(TextColumn("{task.description}"), *bar, console=Console(stderr=True))
        self.bar = self.progress.add_task("training", total=steps, completed=first)
        self.waiting = self.progress.add_task("drawing", visible=False)
        self.started = time.time()
        self.progress.start()

    def advance(self, step: int) -> None:
        """Moves the bar."""
        self.progress.update(self.bar, completed=step)
        self.progress.update(self.waiting, visible=False)

    def wait(self, ready: int, count: int) -> None:
        """A bar of its own while the next step waits for pictures that are being drawn."""
        self.progress.update(self.waiting, completed=ready, total=count, visible=True)

    def tell(self, text: str) -> None:
        """A sentence above the bar, and in the file."""
        self.file.write(json.dumps({"note": text}, ensure_ascii=False) + "\n")
        self.progress.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """One line of figures at a step."""
        line: dict[str, Any] = {"step": step, "seconds": round(time.time() - self.started, 1)}
        line |= {name: round(float(value), 6) for name, value in values.items()}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        for name, value in values.items():
            self.rows.writerow([step, line["seconds"], name, line[name]])
            self.board.add_scalar(name, value, step)
        self.table.flush()
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items() if "/" not in name or "exact" in name)
        self.progress.update(self.bar, description=shown)
        if not self.progress.console.is_terminal:
            self.progress.console.print(f"step {step}  {shown}", highlight=False)

    def show(self, step: int, found: Found) -> None:
        """What a validation found, in TensorBoard: pictures, and how often it was how sure."""
        self.board.add_image("read", found.sheet, step, dataformats="HWC")
        if found.scores.size:
            self.board.add_histogram("confidence", found.scores, step, bins="auto")
        self.board.flush()

    def close(self) -> None:
        """Ends the bar and the files."""
        self.progress.stop()
        self.board.close()
        self.file.close()
        self.table.close()
