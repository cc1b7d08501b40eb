"""A gateway row for the real Jasmin, and credentials at a simulated carrier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from messaging.credentials.sync import BIND_FIELDS
from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin
from reconciler import actual, verification
from reconciler.gateway_client import gateway_console, password_probe, readiness
from reconciler.jcli.console import Console
from reconciler.models import Gateway, Placement
from tests.factories import make_organization
from tests.reconciler.lane_gateway import LaneGateway, lane_gateway
from tests.reconciler.log_reading import skip_log
from tests.reconciler.model import ModelJasmin

PASSWORD = "s3cr;t#"


def make_gateway(jasmin: Jasmin, **fields) -> Gateway:
    return Gateway.objects.create(
        name=jasmin.name,
        jcli_host=jasmin.jcli_host,
        jcli_port=jasmin.jcli_port,
        jcli_username=jasmin.jcli_username,
        jcli_password=jasmin.jcli_password,
        http_url=jasmin.http_url,
        amqp_url=jasmin.amqp_url,
        **fields,
    )


def make_credential(
    organization: Organization, *, port: int, system_id: str, password: str = PASSWORD, **fields
) -> Credential:
    values = {"name": f"{system_id}@carrier", "host": "127.0.0.1", "port": port} | fields
    credential = Credential.objects.create(
        organization=organization,
        system_id=system_id,
        password=password,
        password_set_at=timezone.now(),
        **values,
    )
    CredentialStatus.objects.create(credential=credential)
    return credential


def change(credential: Credential, **fields) -> Credential:
    """Change a credential as a PATCH does: new values, a new version, and sync is pending.

    A new name, and how texts are read, concern the gateway not at all.
    """
    for name, value in fields.items():
        setattr(credential, name, value)
    credential.version += 1
    if fields.keys() - {"name", "inbound_charset", "inbound_parts_timeout"}:
        credential.gateway_version += 1
        CredentialStatus.objects.filter(pk=credential.pk).update(sync_state="pending")
    if fields.keys() & BIND_FIELDS:
        credential.bind_version += 1
    credential.save()
    return credential


def make_tenant(gateway: Gateway) -> Organization:
    """Make an organisation on this gateway."""
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)
    return organization


@pytest.fixture
def fake() -> Iterator[LaneGateway]:
    """A gateway that has a lane alone, and no Jasmin."""
    with lane_gateway() as made:
        yield made


@pytest.fixture
def jasmin(reset_jasmin: Jasmin) -> Jasmin:
    """Passes read and write what a Jasmin has; in which process does not matter."""
    return reset_jasmin


@pytest.fixture
def gateway(transactional_db, jasmin: Jasmin, monkeypatch) -> Gateway:
    """The row of the real, empty Jasmin, seen since it started.

    Passes wait longer than usual for binds to come up: this machine may be busy.
    """
    monkeypatch.setattr(verification, "BIND_WAIT", 2.0)
    gateway = make_gateway(jasmin)
    with gateway_console.connect(gateway) as console:
        Gateway.objects.filter(pk=gateway.pk).update(epoch=actual.read_epoch(console))
    if not jasmin.stock:
        skip_log(gateway)
    return gateway


@pytest.fixture
def organization(gateway: Gateway) -> Organization:
    return make_tenant(gateway)


@pytest.fixture
def model(monkeypatch) -> ModelJasmin:
    """A Jasmin without a process, to which passes connect."""
    model = ModelJasmin()
    monkeypatch.setattr(gateway_console, "connect", lambda gateway: model.console())
    monkeypatch.setattr(readiness, "is_ready", lambda gateway: True)
    monkeypatch.setattr(password_probe, "_password_fits", model.lets_in)
    return model


@pytest.fixture
def modelled(db, model: ModelJasmin) -> Gateway:
    """The row of the model."""
    return Gateway.objects.create(
        name="modelled",
        jcli_host="192.0.2.99",
        jcli_username="jcliadmin",
        jcli_password="c0ns0le-pw",
        http_url="http://192.0.2.99:1401",
        epoch=model.epoch,
    )


@pytest.fixture
def tenant(modelled: Gateway) -> Organization:
    """An organisation on the model."""
    return make_tenant(modelled)


@pytest.fixture
def second(modelled: Gateway, model: ModelJasmin, monkeypatch) -> tuple[Gateway, ModelJasmin]:
    """Another gateway, with a Jasmin of its own."""
    other = ModelJasmin()
    gateway = Gateway.objects.create(
        name="second", jcli_host="192.0.2.98", http_url="http://x", epoch=other.epoch
    )
    consoles = {modelled.pk: model.console, gateway.pk: other.console}
    monkeypatch.setattr(gateway_console, "connect", lambda gateway: consoles[gateway.pk]())
    return gateway, other


@pytest.fixture
def add_credential(organization: Organization, smsc: SimulatorThread) -> Callable[..., Credential]:
    """Makes a system at the simulated carrier and a credential for it."""

    def make(system_id: str = "acme", *, carrier_password: str = PASSWORD, faults=(), **fields):
        smsc.add_system(system_id, carrier_password, faults=list(faults))
        return make_credential(organization, port=smsc.port, system_id=system_id, **fields)

    return make


@pytest.fixture
def console(jasmin: Jasmin) -> Iterator[Console]:
    """A console session to change Jasmin by hand."""
    with Console(
        jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password
    ) as console:
        yield console
