"""Processes that a stack or a demo may have left behind."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[str]:
    """Command lines of those that have the folder in arguments, place or environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [*process.cmdline(), process.cwd(), *process.environ().values()]
            if any(str(folder) in trace for trace in traces):
                found.append(" ".join(process.cmdline()))
    return found
