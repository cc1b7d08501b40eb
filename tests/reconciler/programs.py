"""Runs other processes of the project, on the database of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from orbit.dev.stack.jasmin import PROJECT
from tests.fixtures.forkserver.programs import AT_START, Program

SETUP = """\
import os, sys, warnings, django
warnings.simplefilter("ignore")
os.environ["DJANGO_SETTINGS_MODULE"] = "orbit.settings"
django.setup()
"""


def environment() -> dict[str, str]:
    """Return our environment, with the database in which the tests run."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    return {**os.environ, **AT_START, "DATABASE_URL": url}


@contextmanager
def program(source: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program with Django set up; killed at the end if it still runs."""
    process = Program(
        [sys.executable, "-c", SETUP + source, *arguments],
        cwd=PROJECT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def heard(process: subprocess.Popen[str]) -> str:
    """Return the next line that the program prints; fail with its last output when it has ended."""
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return line.rstrip("\n")
