"""A folder for stacks of a test's own, and what still runs in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from orbit.dev.stack.jasmin import PROJECT
from tests.orbit.dev.leftovers import processes_of


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
    return partial(processes_of, root)


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
