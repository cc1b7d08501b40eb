"""Callers of an organisation's access, and a gateway that has an address."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from messaging import gateway
from messaging.access.models import Access
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited

URL = "/v1/messaging/smpp/access"
ADDRESS = ("smpp.gateway.example", 2775)


class Api(Caller):
    url = URL

    def change(self, **fields) -> HttpResponse:
        return self.patch("", fields)

    def reveal(self) -> HttpResponse:
        return self.get("/reveal")

    def rotate(self, **headers: str) -> HttpResponse:
        return self.post("/rotate", **headers)


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, int]]:
    """Put the address of an organisation's SMPP server here, by its id."""
    table: dict[str, tuple[str, int]] = {}
    port = SimpleNamespace(push=lambda organization_id: None, smpp_address=table.get)
    monkeypatch.setattr(gateway, "_implementation", port)
    return table


def stored(organization: Organization) -> Access:
    """The row as it is in the database."""
    return Access.objects.get(pk=organization.pk)


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of accesses only."""
    return audited(action or "access.")
