"""A process measured from outside: the CPU seconds of all its threads and children, its wall clock, its most memory."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OFTEN = 0.02  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measured:
    """What a process took: CPU and wall seconds, the most MB that it and its children held at one time, its exit code.

    `ended` is whether it ended by itself; one that took too long was killed, and is counted until then.
    """

    cpu: float
    wall: float
    memory: float
    code: int
    ended: bool
    said: str
    complained: str


def processors(n: int) -> list[int]:
    """The last `n` of the processors that may be used: what measures is most likely on another."""
    return sorted(os.sched_getaffinity(0))[-n:]


def measured(command: Sequence[str], on: Sequence[int], longest: float | None = None) -> Measured:
    """Run a command on the processors given, and measure it whole, start and end included.

    What it prints is kept. It is killed, with its children, after `longest` seconds.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,  # so that all of it can be killed
            preexec_fn=lambda: os.sched_setaffinity(0, on),  # noqa: PLW1509  there are no threads here
        )
        memory, ended = 0.0, True
        try:
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                wall = time.perf_counter() - begun
                if pid:
                    break
                if ended and longest is not None and wall > longest:
                    ended = False
                    os.killpg(process.pid, signal.SIGKILL)
                memory = max(memory, _memory(process.pid))
                time.sleep(OFTEN)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Measured(usage.ru_utime + usage.ru_stime, wall, memory, process.returncode, ended, *texts)


def _memory(root: int) -> float:
    """The MB that a process and its descendants hold now, or that the process ever held where that is more.

    Pages that several of them share count for each.
    """
    total, most = 0, 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError, ValueError, IndexError):  # it may end while it is looked at
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            total += int(status["VmRSS"].split()[0]) if "VmRSS" in status else 0
            if pid == root and "VmHWM" in status:
                most = int(status["VmHWM"].split()[0])
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return max(total, most) * 1024 / 1e6


def required(command: Sequence[str]) -> str:
    """What a command prints that is not measured; leaves with its complaint where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout
