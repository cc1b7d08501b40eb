"""A gateway row for the real Jasmin, and credentials at a simulated carrier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from messaging.smpp.simulator import SimulatorThread
from orbit.accounts.models import Organization
from orbit.stack import Jasmin
from reconciler.jcli.console import Console
from reconciler.models import Gateway, Placement
from tests.factories import make_organization

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
    """As a PATCH does it: new values, a new version, and the gateway does not know them yet."""
    for name, value in fields.items():
        setattr(credential, name, value)
    credential.version += 1
    credential.save()
    CredentialStatus.objects.filter(pk=credential.pk).update(sync_state="pending")
    return credential


@pytest.fixture
def gateway(transactional_db, jasmin: Jasmin) -> Gateway:
    """The row of the real, empty Jasmin."""
    return make_gateway(jasmin)


@pytest.fixture
def organization(gateway: Gateway) -> Organization:
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)
    return organization


@pytest.fixture
def trunk(organization: Organization, smsc: SimulatorThread) -> Callable[..., Credential]:
    """Makes a system at the simulated carrier and a credential for it."""

    def make(system_id: str = "acme", *, carrier_password: str = PASSWORD, faults=(), **fields):
        smsc.add_system(system_id, carrier_password, faults=list(faults))
        return make_credential(organization, port=smsc.port, system_id=system_id, **fields)

    return make


@pytest.fixture
def console(jasmin: Jasmin) -> Iterator[Console]:
    """Somebody else's hands on Jasmin."""
    with Console(
        jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password
    ) as console:
        yield console
