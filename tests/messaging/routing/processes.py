"""Choices from many processes at the same moment, on the servers of the tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from orbit.dev.stack import Stack
from orbit.dev.stack.jasmin import PROJECT
from tests.fixtures.forkserver.programs import run
from tests.fixtures.site import environment

PROCESSES = 4
_CODE = """\
import sys, django
django.setup()
from tests.messaging.routing.chooser import main
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
    made = run(
        [sys.executable, "-c", _CODE, pool_id, str(PROCESSES), str(count), *destinations],
        cwd=PROJECT,
        env=environ,
        text=True,
        timeout=300,
        check=True,
    )
    return [Chosen(*each) for each in json.loads(made.stdout)]
