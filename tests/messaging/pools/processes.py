"""Choices from many processes at the same moment, on the servers of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from orbit.stack import Stack
from orbit.stack.jasmin import PROJECT
from tests.fixtures.site import environment

PROCESSES = 4
_CODE = """\
import sys, django
django.setup()
from tests.messaging.pools.chooser import main
main(*sys.argv[1:])
"""


@dataclass(frozen=True)
class Chosen:
    """`turn` as Redis gave it; None if the destination kept its sender."""

    turn: int | None
    sender: str
    destination: str


def choose_at_once(
    stack: Stack, pool_id: str, count: int, destinations: Sequence[str]
) -> list[Chosen]:
    """`count` choices, spread over 4 processes that start together and share the destinations."""
    environ = environment(stack, "choosers") | {
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "orbit.settings",
        "LOG_LEVEL": "WARNING",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _CODE, pool_id, str(share), *_from(destinations, number)],
            cwd=PROJECT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, share in enumerate(_shares(count))
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=300)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return [Chosen(*each) for answer in answers for each in json.loads(answer)]


def _shares(count: int) -> list[int]:
    each, more = divmod(count, PROCESSES)
    return [each + (number < more) for number in range(PROCESSES)]


def _from(destinations: Sequence[str], number: int) -> Sequence[str]:
    """All of them, each process beginning at another one."""
    start = number * len(destinations) // PROCESSES
    return [*destinations[start:], *destinations[:start]]
