"""Callers, credentials to build carriers on, and who uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.pools import services
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited

URL = "/v1/messaging/smpp/carriers"
ROUTES = "/v1/messaging/smpp/routes"


class Api(Caller):
    """With what the tests do to carriers."""

    url = URL

    def add(self, **fields: Any) -> str:
        """Add a carrier for FR, with a credential of its own if none is given; return its id."""
        body = {"name": "Orange FR", "countries": ["FR"]} | fields
        if "credential_id" not in body:
            body["credential_id"] = make_credential(self.organization).id
        answer = self.post("", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]["id"]


class Routes(Caller):
    """The same caller, asking for the order of carriers."""

    url = ROUTES


def make_credential(
    organization: Organization, *, bind_state: str = "", **fields: Any
) -> Credential:
    """A new credential; `bind_state`: as the reconciler would have observed it."""
    number = Credential.objects.count()
    account = {"name": f"Account {number}", "host": "127.0.0.1", "system_id": f"acme{number}"}
    credential = Credential.objects.create(
        organization=organization,
        password="secret",
        password_set_at=timezone.now(),
        **account | fields,
    )
    if bind_state:
        CredentialStatus.objects.create(credential=credential, bind_state=bind_state)
    return credential


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def routes(organization: Organization) -> Routes:
    return Routes(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture
def credential(organization: Organization) -> Credential:
    return make_credential(organization, bind_state="bound")


@pytest.fixture
def body(credential: Credential) -> dict[str, Any]:
    """What has to be in a POST."""
    return {"name": "Orange FR", "credential_id": credential.id, "countries": ["FR"]}


@pytest.fixture
def used_by(organization: Organization) -> Callable[..., str]:
    """Attach a new sender pool to the carriers of these ids; with `campaign=True` a draft sends
    from it. Returns its id, or the draft's."""

    def attach(*carrier_ids: str, campaign: bool = False) -> str:
        fields = {"name": "Support", "carrier_ids": carrier_ids}
        pool = services.create(by=SYSTEM, organization=organization, fields=fields)
        if not campaign:
            return pool.pk
        about = {"name": "Spring", "body": "hello", "sender_pool": pool}
        return Campaign.objects.create(organization=organization, **about).pk

    return attach


def stored(carrier_id: str) -> Carrier:
    """The row as it is in the database."""
    return Carrier.objects.get(pk=carrier_id)


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of carriers only."""
    return audited(action or "carrier.")
