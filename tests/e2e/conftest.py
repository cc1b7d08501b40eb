"""An organisation with a key at the running site, and the gateway that it lives on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin
from reconciler import actual
from reconciler.gateway_client import gateway_console
from reconciler.models import Gateway, Placement, Run
from tests.e2e.api import Api
from tests.e2e.belongings import everything_of
from tests.factories import make_api_key, make_organization
from tests.fixtures.site import Site
from tests.reconciler.conftest import make_gateway


@pytest.fixture
def organization(site: Site) -> Organization:
    return make_organization()


@pytest.fixture
def make_api(site: Site, organization: Organization) -> Callable[..., Api]:
    """A caller with a key of its own: `make_api(role="developer")`; takes what make_api_key takes,
    and `base_url`."""

    def make(owner: Organization = organization, *, base_url: str = "", **key: object) -> Api:
        return Api(base_url or site.base_url, make_api_key(owner, **key).secret)

    return make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """The owner's key, with every scope."""
    return make_api()


@pytest.fixture
def gateway(jasmin: Jasmin, organization: Organization) -> Gateway:
    """The row of the real, empty Jasmin, with the organisation on it."""
    gateway = make_gateway(jasmin)
    with gateway_console.connect(gateway) as console:
        # It has just started on an empty store: there is no profile to wait for.
        Gateway.objects.filter(pk=gateway.pk).update(epoch=actual.read_epoch(console))
    gateway.refresh_from_db()
    Placement.objects.create(organization=organization, gateway=gateway)
    return gateway


@pytest.fixture
def a_run(gateway: Gateway) -> Run:
    return Run.objects.create(gateway=gateway, trigger="beat", started_at=timezone.now())


@pytest.fixture
def theirs(site: Site, smsc: SimulatorThread) -> dict[str, str]:
    """What another organisation has."""
    return everything_of(site, make_organization("Another one"), smsc)
