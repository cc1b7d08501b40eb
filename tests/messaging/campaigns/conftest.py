"""Callers, campaigns and what their recipients need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.campaigns.scheduler import sweep
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message, MessageStatus
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited, data
from tests.messaging.pools.conftest import Api as Pools

FRANCE, AMERICA = "+33639980001", "+14155552671"
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


class Api(Caller):
    """With what the tests do to campaigns. `pool_id`: of a pool of its own."""

    url = "/v1/campaigns"

    def __init__(self, organization: Organization, **key: Any) -> None:
        super().__init__(organization, **key)
        self.pool_id = ""

    def make(self, *recipients: Any, **fields: Any) -> HttpResponse:
        """POST a campaign to these numbers (or entries as in a body)."""
        if not self.pool_id:
            self.pool_id = Pools(self.organization).add("+33700000001")
        body = {
            "name": "Sale",
            "body": "Hello",
            "sender_pool_id": self.pool_id,
            "recipients": entries(*recipients),
        }
        return self.post("", body | fields)

    def add(self, *recipients: Any, **fields: Any) -> str:
        """The id of such a campaign."""
        answer = self.make(*recipients, **fields)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]["id"]

    def started(self, *recipients: Any, **fields: Any) -> str:
        campaign_id = self.add(*recipients, **fields)
        self.act(campaign_id, "start")
        return campaign_id

    def act(self, campaign_id: str, action: str) -> dict[str, Any]:
        answer = self.post(f"/{campaign_id}/{action}")
        assert answer.status_code == 202, answer.content
        return answer.json()["data"]

    def progress(self, campaign_id: str) -> dict[str, int]:
        """Without what is 0; it has to add up."""
        found = data(self.get(f"/{campaign_id}"))["progress"]
        assert sum(found.values()) == 2 * found["total"]
        return {name: count for name, count in found.items() if count}

    def upload(
        self, campaign_id: str, csv: str | bytes, content_type: str = "text/csv", **headers: str
    ) -> HttpResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            "POST",
            f"{self.url}/{campaign_id}/recipients",
            csv.encode() if isinstance(csv, str) else csv,
            content_type=content_type,
            headers={"X-API-Key": self.new_key.secret, **sent},
        )


def entries(*recipients: Any) -> list[dict[str, Any]]:
    return [{"to": each} if isinstance(each, str) else each for each in recipients]


def numbers(count: int, start: int = 0) -> list[str]:
    return [f"+336399{number:05}" for number in range(start, start + count)]


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """It is noon, and stays so."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def later(clock: time_machine.Coordinates) -> Callable[..., None]:
    """Some seconds pass, and beat comes."""

    def pass_by(seconds: float = 1.0) -> None:
        clock.shift(timedelta(seconds=seconds))
        sweep()

    return pass_by


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Organisations with a queued dispatch task."""
    ids: list[str] = []
    monkeypatch.setattr(enqueue, "wake_on_commit", ids.append)
    return ids


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Webhook events of campaigns, `{type, data, …}`."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "messaging.campaigns.transitions.emit",
        lambda event: found.append(json.loads(json.dumps(asdict(event)))),
    )
    return found


def stored(campaign_id: str) -> Campaign:
    return Campaign.objects.get(pk=campaign_id)


def messages(campaign_id: str) -> list[Message]:
    """In the order in which they were made."""
    return list(Message.objects.filter(campaign=campaign_id).order_by("pk"))


def leave(campaign_id: str, status: str = MessageStatus.SENT) -> int:
    """As if all messages that wait had been claimed, and come so far; how many."""
    waiting = Message.objects.filter(campaign=campaign_id, status=MessageStatus.QUEUED)
    return waiting.update(status=status, claimed_at=timezone.now())


def audit_rows(action: str = "") -> list[AuditEvent]:
    """Oldest first, of campaigns only."""
    return audited(action or "campaign.")
