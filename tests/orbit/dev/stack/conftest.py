"""A folder for stacks of a test's own, and what still runs in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from orbit.dev.stack.jasmin import PROJECT


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder under .local, where Debian's `postgres` account gets to, as in the demo."""
    local = PROJECT / ".local"
    local.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=local))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def processes(root: Path) -> Callable[[], list[str]]:
    """Command lines of the processes that have `root` in arguments, folder or environment."""

    def still_running() -> list[str]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                traces = [*process.cmdline(), process.cwd(), *process.environ().values()]
                if any(str(root) in trace for trace in traces):
                    found.append(" ".join(process.cmdline()))
        return found

    return still_running


@pytest.fixture
def run_parent() -> Iterator[Callable[[str, Path], subprocess.Popen[str]]]:
    """Starts a Python program that prints one line when it is ready and then waits for ever."""
    parents: list[subprocess.Popen[str]] = []

    def start(program: str, root: Path) -> subprocess.Popen[str]:
        parent = subprocess.Popen(
            [sys.executable, "-c", program, str(root)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        parents.append(parent)
        return parent

    yield start
    for parent in parents:
        parent.kill()
        parent.wait()
        parent.stdin.close()
        parent.stdout.close()
