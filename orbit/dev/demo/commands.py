"""Run the operator's commands (`python manage.py …`) against the site."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from orbit.dev.demo import programs
from orbit.dev.demo.checks import Failed
from orbit.dev.stack.jasmin import PROJECT

TIMEOUT = 180.0  # seconds


@dataclass(frozen=True)
class Output:
    """The result of a command. `text` is its standard output, which may hold a key."""

    status: int
    text: str = field(repr=False)
    errors: str
    seconds: float


def run(
    environment: Mapping[str, str],
    *arguments: str,
    secrets: Mapping[str, str] | None = None,
    typed: str = "",
) -> Output:
    """Run it to its end. `secrets`: further variables. `typed`: its standard input.

    It runs without a guard: no command outlives the database. Raises Failed when it hangs.
    """
    begun = time.perf_counter()
    try:
        ended = subprocess.run(  # nosec B603  # no shell; our own commands
            programs.manage(*arguments),
            cwd=PROJECT,
            env={**environment, **(secrets or {})},
            input=typed,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            start_new_session=True,  # a Ctrl-C of the terminal is for the demo alone
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"manage.py {arguments[0]} takes longer than {TIMEOUT:.0f} s") from None
    seconds = time.perf_counter() - begun
    return Output(ended.returncode, ended.stdout.rstrip(), ended.stderr.rstrip(), seconds)


def need(environment: Mapping[str, str], *arguments: str, **options) -> Output:
    """Run a command that has to succeed. Raises Failed with its last line."""
    output = run(environment, *arguments, **options)
    if output.status:
        words = (output.errors or output.text or "no word").splitlines()[-1]
        raise Failed(f"manage.py {arguments[0]} ended with status {output.status}: {words}")
    return output
