"""Callers, a carrier account at the simulator, and a gateway that writes down its pushes."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from messaging import gateway
from messaging.credentials import usage
from messaging.credentials.models import Credential, CredentialStatus
from messaging.smpp import hosts
from messaging.smpp.simulator import SimulatorThread, System
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_api_key, make_organization
from tests.fixtures.smsc import make_smsc, smsc  # noqa: F401 - fixtures

URL = "/v1/messaging/smpp/credentials"


class Api:
    """A key of one organisation, with the answers' bodies as JSON in `.json()`."""

    def __init__(self, organization: Organization, **key: Any) -> None:
        self.organization = organization
        self.new_key = make_api_key(organization, **key)
        self._client = Client(raise_request_exception=False)

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        """`path` is what follows the collection's; a header `If_Match` is sent as `If-Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": json.dumps(body)}
        return self._client.generic(
            method,
            URL + path,
            content_type="application/json",
            headers={"X-API-Key": self.new_key.secret, **sent},
            **content,
        )

    def get(self, path: str = "", **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, **headers)

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
def organization(db) -> Organization:
    return make_organization()


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
def pushes(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with pushes() as ids: …`: the organisations that were pushed by what committed inside."""

    @contextmanager
    def recorded() -> Iterator[list[str]]:
        ids: list[str] = []
        monkeypatch.setattr(gateway, "_implementation", SimpleNamespace(push=ids.append))
        with django_capture_on_commit_callbacks(execute=True):
            yield ids

    return recorded


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """Put ids of carriers here by credential id; they then use it."""
    table: dict[str, list[str]] = {}
    monkeypatch.setattr(
        usage, "_look_up", lambda ids: {key: table[key] for key in ids if key in table}
    )
    return table


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the name server answers: `{name: [addresses] or an exception}`; others don't exist."""
    answers: dict[str, Any] = {}

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[tuple]:
        found = answers.get(host, socket.gaierror(socket.EAI_NONAME, "unknown"))
        if isinstance(found, Exception):
            raise found
        return [(0, 0, 0, "", (address, 0)) for address in found]

    monkeypatch.setattr(hosts, "getaddrinfo", getaddrinfo)
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


def data(answer: HttpResponse) -> dict[str, Any]:
    """`data` of an answer that has to be 200."""
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def stored(credential_id: str) -> Credential:
    """The row as it is in the database, deleted or not."""
    return Credential.objects.get(pk=credential_id)


def set_status(credential_id: str, **fields: Any) -> None:
    """What the reconciler would have observed."""
    CredentialStatus.objects.filter(credential=credential_id).update(**fields)


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of credentials only."""
    rows = AuditEvent.objects.filter(action__startswith=action or "credential.")
    return list(rows.order_by("seq"))
