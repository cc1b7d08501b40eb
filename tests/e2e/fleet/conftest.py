"""The fleet of a file of tests, with empty tables for each of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orbit.dev.stack import Stack
from reconciler.models import Gateway
from tests.e2e.fleet import network
from tests.e2e.fleet.fleet import GATEWAYS, SETTINGS, SITES, WITH_A_CLOCK, Fleet
from tests.e2e.fleet.tenant import Tenant
from tests.e2e.messages.harming import Clock
from tests.fixtures.forkserver.guard import ForkingGuard
from tests.fixtures.site import Site, environment
from tests.fixtures.stack import LOCAL


@pytest.fixture(scope="module")
def _fleet(
    django_db_setup: None, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    environ = environment(stack, "fleet") | SETTINGS
    environ["REDIS_URL"] = environ["REDIS_URL"].removesuffix("/1") + "/3"
    root = Path(tempfile.mkdtemp(prefix="fleet-", dir=LOCAL))
    with network.made(SITES, GATEWAYS) as hosts:
        gateways = Stack(root, gateways=GATEWAYS, postgres=False, keep=False, guard=ForkingGuard)
        clocks = {name: Clock(tmp_path_factory.mktemp(name)) for name in WITH_A_CLOCK}
        fleet = Fleet(gateways, hosts, Site(gateways, "fleet", environ), clocks)
        try:
            fleet.start()
            yield fleet
        finally:
            fleet.stop()


@pytest.fixture
def fleet(_fleet: Fleet, transactional_db: None) -> Iterator[Fleet]:
    yield _fleet
    _fleet.settle()


@pytest.fixture
def gateways(fleet: Fleet) -> dict[str, Gateway]:
    """The rows of its gateways, by name."""
    return fleet.add_rows()


@pytest.fixture
def make_tenant(fleet: Fleet, gateways: dict[str, Gateway]) -> Callable[..., Tenant]:
    """`make_tenant("oslo")`: bound to its carrier by that gateway."""

    def make(gateway: str, **credential: object) -> Tenant:
        tenant = Tenant(fleet, gateways[gateway], **credential)
        tenant.wait_until_bound()
        return tenant

    return make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What all processes said last, under the report of a test that failed."""
    report = yield
    fleet = getattr(item, "funcargs", {}).get("_fleet")
    if fleet is not None and report.failed:
        report.sections.append(("Ends of the fleet's logs", fleet.last_words()))
    return report
