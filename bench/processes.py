"""Whole processes, measured: wall time, processor time of all their threads and children, greatest resident memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Run:
    """One process, or the medians of several: seconds, seconds, MB (of 10**6 bytes)."""

    wall: float
    cpu: float
    memory: float

    def to_json(self) -> dict[str, float]:
        """Rounded to what was measured."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def run(command: Sequence[str], folder: Path, *, accept: Sequence[int] = (0,)) -> Run:
    """Runs a command in a folder, its output thrown away.

    Raises:
        RuntimeError: it ended with another status than those to `accept`.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / ".compiled")  # as an installed package has it
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (commands of this benchmark)
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    stderr = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accept:
        message = f"{command[0]} ended with {process.returncode}: {stderr.decode()[-500:]}"
        raise RuntimeError(message)
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def median(commands: Sequence[tuple[Sequence[str], Sequence[int]]], folder: Path, times: int) -> list[Run]:
    """The medians of several commands (each with the statuses to accept), run in turn so that noise hits all alike.

    Once before, uncounted: what is read from disk, and what Python compiles, is warm for all.
    """
    if times > 1:
        for command, accept in commands:
            run(command, folder, accept=accept)
    runs = [[run(command, folder, accept=accept) for command, accept in commands] for _ in range(times)]
    return [_median(each) for each in zip(*runs, strict=True)]


def _median(runs: Sequence[Run]) -> Run:
    return Run(*(statistics.median(getattr(one, name) for one in runs) for name in ("wall", "cpu", "memory")))
