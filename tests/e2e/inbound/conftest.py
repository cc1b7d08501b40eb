"""A site that may die wholly: its Redis and its way to PostgreSQL are its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orbit.dev.stack import Stack
from orbit.dev.stack.redis import Redis
from tests.e2e.gate import Gate
from tests.e2e.messages.conftest import deaths, make_dying, make_world  # noqa: F401 - fixtures
from tests.e2e.messages.loading import Acknowledged, acknowledged
from tests.fixtures.site import Site, environment
from tests.messaging.webhooks.server import Server, serving


@pytest.fixture
def seen() -> Iterator[Acknowledged]:
    with acknowledged() as found:
        yield found


@pytest.fixture
def inbox() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def own_redis(stack: Stack) -> Iterator[Redis]:
    made = stack._make_redis("redis-dying")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def database_gate(site: Site, stack: Stack) -> Gate:
    """Between the dying site and PostgreSQL; this process is not behind it."""
    url = environment(stack, "dying")["DATABASE_URL"].rpartition("/")[0]
    return Gate(int(url.rpartition(":")[2]))


@pytest.fixture
def database_url(stack: Stack, database_gate: Gate) -> str:
    """Through that gate."""
    url, _, name = environment(stack, "dying")["DATABASE_URL"].rpartition("/")
    return f"{url.rpartition(':')[0]}:{database_gate.port}/{name}"
