from __future__ import annotations

import pytest
from django.test import Client

from tests.messaging.messages.conftest import make_message


@pytest.fixture
def gauges(settings):
    """What /metrics says of messages."""
    settings.METRICS_TOKEN = "token"

    def read() -> set[str]:
        answer = Client().get("/metrics", headers={"Authorization": "Bearer token"})
        lines = answer.content.decode().splitlines()
        return {line for line in lines if line.startswith("orbit_messages_")}

    return read


def test_messages_under_way_are_counted_by_status(organization, stranger, gauges):
    for status in ("queued", "queued", "sent", "delivered", "failed"):
        make_message(organization, status=status)
    make_message(stranger.organization)
    assert gauges() == {
        'orbit_messages_unfinished{status="queued"} 3.0',
        'orbit_messages_unfinished{status="sending"} 0.0',
        'orbit_messages_unfinished{status="sent"} 1.0',
    }
