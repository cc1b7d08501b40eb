"""Runs programs in Jasmin's Python, with the launcher's modules."""

from __future__ import annotations

import os
import subprocess

from orbit.dev.stack.jasmin import LAUNCHER, VENV
from tests.fixtures.forkserver import programs

PYTHON = VENV / "bin" / "python"


def environment(**more: str) -> dict[str, str]:
    """For programs that import `import_paths` first."""
    return {**os.environ, "PYTHONPATH": str(LAUNCHER.parent), **more}


def run(program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; its output."""
    return programs.run(
        [PYTHON, "-c", f"import import_paths\n{program}", *arguments],
        cwd=VENV,  # where nothing hides Jasmin's modules
        env=environment(**variables),
        text=True,
    )
