"""Callers, pools and the carriers that they are attached to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from messaging.pools import counters, selectors
from messaging.pools.engine.choice import Choice, Pool
from messaging.pools.loader import load_pools
from messaging.pools.models import SenderPool
from messaging.routing import senders
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited, data
from tests.messaging.carriers.conftest import Api as Carriers

URL = "/v1/messaging/sender-pools"
FRANCE, AMERICA, CANADA = "+33639980001", "+14155552671", "+14165550123"
A, B, C = "+33700000001", "+33700000002", "+33700000003"


class Api(Caller):
    """With what the tests do to pools."""

    url = URL

    def add(self, *senders: str | dict[str, Any], **fields: Any) -> str:
        """Add a pool of these senders; return its id."""
        body = {"name": "Support", "members": members(*senders)} | fields
        answer = self.post("", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]["id"]

    def preview(self, pool_id: str, destination: str = FRANCE, **query: Any) -> dict[str, Any]:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return data(self.get(f"/{pool_id}/preview?destination={quote(destination)}{more}"))

    def members(self, pool_id: str) -> dict[str, dict[str, Any]]:
        """By sender, in their order."""
        return {each["sender"]: each for each in data(self.get(f"/{pool_id}"))["members"]}


def members(*senders: str | dict[str, Any]) -> list[dict[str, Any]]:
    """As a body has them."""
    return [{"sender": each} if isinstance(each, str) else each for each in senders]


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def carriers(organization: Organization) -> Carriers:
    return Carriers(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture(autouse=True)
def _new_counters() -> None:
    """Turns are counted in the process where there is no Redis."""
    counters._counters.cache_clear()


def stored(pool_id: str) -> SenderPool:
    """The row as it is in the database."""
    return SenderPool.objects.get(pk=pool_id)


def read(api: Api, pool_id: str) -> SenderPool:
    """As those read it who choose from it."""
    return selectors.find(organization=api.organization, pool_id=pool_id)


def roster(pool_id: str) -> Pool:
    """The pool as the choice sees it now."""
    return load_pools(SenderPool.objects.filter(pk=pool_id))[pool_id]


def take_sender(pool: Pool, destination: str) -> Choice:
    """Who the next message to the destination is from; its turn is taken."""
    (choice,) = senders.take([(pool, destination)])
    return choice


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of pools only."""
    return audited(action or "sender_pool.")
