"""Runs programs in Jasmin's Python, with the launcher's modules."""

from __future__ import annotations

import os
import subprocess

from orbit.dev.stack.jasmin import LAUNCHER, VENV


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; its output."""
    return subprocess.run(
        [VENV / "bin" / "python", "-P", "-c", f"import import_paths\n{program}", *arguments],
        env={**os.environ, "PYTHONPATH": str(LAUNCHER.parent), **environment},
        capture_output=True,
        text=True,
    )
