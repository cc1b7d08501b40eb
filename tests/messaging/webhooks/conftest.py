"""Callers, webhooks, a server that they point at, and a worker's turn without a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone

import messaging.enqueue
from messaging.webhooks import delivery, enqueue, events
from messaging.webhooks.models import Delivery, Webhook
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited, data
from tests.messaging.webhooks.server import Server, serving

TYPE = "message.sent"
BODY = {"url": "https://192.0.2.1/", "events": [TYPE]}
OPEN = "https://127.0.0.1/hook"  # allowed in the tests


class Api(Caller):
    """With what the tests do to webhooks."""

    url = "/v1/webhooks"

    def add(self, url: str = OPEN, **fields: Any) -> dict[str, Any]:
        """Add a webhook; return it as it was answered, with its secret."""
        answer = self.post("", {"url": url, "events": [TYPE]} | fields)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]

    def put(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PUT", path, body, **headers)

    def deliveries(self, webhook_id: str) -> list[dict[str, Any]]:
        """Newest first."""
        return data(self.get(f"/{webhook_id}/deliveries"))


class OwnSecret(Caller):
    """The routes of the organisation's own secret."""

    url = "/v1/settings/webhook-secret"

    def make(self, **body: Any) -> str:
        return data(self.post("/rotate", body))["signing_secret"]


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation."""
    return Api(make_organization())


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lanes that a worker was called for; none comes, unless the test calls `work`."""
    cache.clear()
    lanes: list[str] = []

    class App:
        def send_task(self, name: str, args: tuple[str], **options: object) -> None:
            assert name == enqueue.TASK
            lanes.extend(args)

    monkeypatch.setattr(messaging.enqueue, "current_app", App())
    return lanes


@pytest.fixture
def work(woken: list[str], django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """What a worker does until nothing is due."""

    def turns() -> None:
        woken[:] = [*Delivery.objects.values_list("lane", flat=True).distinct()]
        while woken:
            delivery.deliver(woken.pop(0))

    return turns


def emit(organization: Organization, type: str = TYPE, **fields: Any) -> None:
    """Something happens."""
    given = {"data": {"message_id": "msg_1"}} | fields
    events.emit(events.NewEvent(organization_id=organization.pk, type=type, **given))


def make_due() -> None:
    """The time of the next attempt has come for all that wait."""
    Delivery.objects.filter(status="pending").update(due_at=timezone.now())


def stored(webhook_id: str) -> Webhook:
    """The row as it is in the database."""
    return Webhook.objects.get(pk=webhook_id)


def audit_rows(prefix: str = "webhook") -> list[AuditEvent]:
    """Oldest first."""
    return audited(prefix)


def the_delivery() -> Delivery:
    return Delivery.objects.get()
