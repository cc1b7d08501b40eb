"""Callers, and a carrier account at the simulator."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.net import resolution
from orbit.accounts.models import AuditEvent, Organization
from orbit.dev.simulator import SimulatorThread, System
from tests.factories import make_organization
from tests.fixtures.smsc import make_smsc, smsc  # noqa: F401 - fixtures
from tests.messaging.callers import Caller, audited, data  # noqa: F401 - for the tests here

URL = "/v1/messaging/smpp/credentials"


class Api(Caller):
    """With what the tests do to credentials."""

    url = URL

    def add(self, **fields: Any) -> str:
        """Add a credential and return its id."""
        body = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"} | fields
        answer = self.post("", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]["id"]

    def rotate(self, credential_id: str, **body: Any) -> HttpResponse:
        return self.post(f"/{credential_id}/rotate", body)

    def reveal(self, credential_id: str) -> HttpResponse:
        return self.get(f"/{credential_id}/reveal")


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def writer(organization: Organization) -> Api:
    """A key that may write credentials, and not reveal them."""
    return Api(organization, scopes=["credentials:read", "credentials:write"])


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture
def used_by_carrier() -> Callable[[str], str]:
    """Make a carrier of the credential with this id; returns the carrier's."""

    def make(credential_id: str) -> str:
        credential = Credential.objects.get(pk=credential_id)
        about = {"organization_id": credential.organization_id, "name": "FR", "countries": ["FR"]}
        return Carrier.objects.create(credential=credential, **about).pk

    return make


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the name server answers: `{name: [addresses] or an exception}`; others don't exist."""
    answers: dict[str, Any] = {}

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[tuple]:
        found = answers.get(host, socket.gaierror(socket.EAI_NONAME, "unknown"))
        if isinstance(found, Exception):
            raise found
        return [(0, 0, 0, "", (address, 0)) for address in found]

    monkeypatch.setattr(resolution, "getaddrinfo", getaddrinfo)
    return answers


@pytest.fixture
def carrier(smsc: SimulatorThread) -> System:  # noqa: F811 - the fixture
    """The carrier's side of an account; its password is `secret` until a test changes it."""
    return smsc.add_system("acme", "secret")


@pytest.fixture
def at_carrier(api: Api, smsc: SimulatorThread, carrier: System) -> str:  # noqa: F811
    """Our side of it: the id of a credential that is in sync."""
    credential_id = api.add(port=smsc.port)
    set_status(credential_id, sync_state="synced")
    return credential_id


def stored(credential_id: str) -> Credential:
    """The row as it is in the database, deleted or not."""
    return Credential.objects.get(pk=credential_id)


def set_status(credential_id: str, **fields: Any) -> None:
    """What the reconciler would have observed."""
    CredentialStatus.objects.filter(credential=credential_id).update(**fields)


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of credentials only."""
    return audited(action or "credential.")
