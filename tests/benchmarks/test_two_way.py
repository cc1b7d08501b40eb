"""Two-way: texts of phones to a webhook, STOP in the course of a campaign and beside a platform, a
long list imported, and what the gate costs a message.

The site is what the Procfile starts; the SMSC, the load and PostgreSQL are on the same machine and
share its cores. Sizes are in road/sizes.py (`TWO_WAY_…`). Nothing is asserted of times, but for
what the gate promises: no submit to a number later than 2 s after its STOP's row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orbit.dev.stack import Stack
from tests.benchmarks.carrier import Carrier
from tests.benchmarks.road.site import ProcfileSite
from tests.benchmarks.two_way import gate, imports, stops, texts
from tests.benchmarks.two_way.world import World
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_gateway

pytestmark = pytest.mark.stack


@pytest.fixture
def world(
    stack: Stack, transactional_db: None, carrier: Carrier, tmp_path: Path
) -> Iterator[World]:
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    gateway = make_gateway(jasmin)
    site = ProcfileSite(stack)
    try:
        site.start()
        yield World(stack, site, gateway, carrier, tmp_path)
    finally:
        site.stop()


def test_texts_to_a_webhook(world: World) -> None:
    texts.measure(world)


def test_stops(world: World) -> None:
    stops.campaign(world)
    stops.platform(world)


def test_import(world: World) -> None:
    imports.measure(world)


def test_gate(world: World) -> None:
    gate.measure(world)
