"""The site's own processes, of which some end by SIGKILL at named points of the code.

`gunicorn tests.e2e.messages.dying:application`, `celery -A tests.e2e.messages.dying` and `python -m
tests.e2e.messages.dying` (the receiver) are the site in all else. DEATHS is a folder with a folder
for each point, named as `Point.name` has it, and in that a file for each death that is still to
come, whichever process it meets. DEATHS_LEASE: seconds after which what a dead worker had claimed
is free, where 30 are too long.
"""

from __future__ import annotations

import itertools
import os
import pydoc
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command

from orbit.celery import app
from orbit.wsgi import application
from tests.e2e.messages.points import Point

__all__ = ["app", "application"]


def _arm(point: Point, deaths: Path) -> None:
    where, _, name = point.function.rpartition(".")
    owner = pydoc.locate(where)
    function: Callable[..., Any] = getattr(owner, name)
    calls = itertools.count(1)

    def dying(*args: Any, **options: Any) -> Any:
        is_due = next(calls) % point.every == 0
        if is_due and point.when == "before":
            _die(deaths)
        result = function(*args, **options)
        if is_due and point.when == "after":
            _die(deaths)
        return result

    setattr(owner, name, dying)


def _die(deaths: Path) -> None:
    for death in deaths.iterdir():
        try:
            death.unlink()
        except FileNotFoundError:
            continue  # another process has died it
        os.kill(os.getpid(), signal.SIGKILL)


if "DEATHS_LEASE" in os.environ:
    # Its models load with the application.
    claim = pydoc.locate("messaging.messages.dispatch.claim")
    claim.LEASE = timedelta(seconds=float(os.environ["DEATHS_LEASE"]))
for folder in Path(os.environ["DEATHS"]).iterdir():
    _arm(Point.named(folder.name), folder)

if __name__ == "__main__":
    call_command("receive", name="receiver@dying")
