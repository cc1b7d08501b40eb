"""What usage, quality and metrics cost a message: its counts, adding them up, a scrape.

The calls that the stages of `test_stages` make to count their messages are kept and made again,
many times: the difference of stages with counts and without is smaller than their own noise. The
share is of those stages alone, so the gateway's and the web server's part of a message is left out.
Adding up runs every ten seconds in the product, here once after all batches.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from messaging.messages import transitions
from messaging.messages.counting import MessageCounts
from messaging.usage.folding import fold
from messaging.usage.models import UsageHour, UsageRecord
from messaging.webhooks.models import Webhook
from tests.benchmarks.road import sizes
from tests.benchmarks.road.meter import Meter
from tests.benchmarks.test_stages import Stages, is_of, make_campaign, stages  # noqa: F401 - fixture

RATE = 1000  # messages/s, beside which the scrapes are seen
EVERY = 15  # seconds between two scrapes
TIMES = 40  # that calls are made again, and scrapes
WARM_UP = "warm-up: "

pytestmark = pytest.mark.stack

Calls = list[tuple[str, tuple, dict[str, Any]]]


class Kept(MessageCounts):
    """Keeps the calls of each transaction."""

    transactions: list[Calls]

    def __init__(self) -> None:
        super().__init__()
        self._calls: Calls = []
        self.transactions.append(self._calls)

    def sent(self, *args: Any, **kwargs: Any) -> None:
        self._calls.append(("sent", args, kwargs))
        super().sent(*args, **kwargs)

    def ended(self, *args: Any, **kwargs: Any) -> None:
        self._calls.append(("ended", args, kwargs))
        super().ended(*args, **kwargs)


def test_counting(stages: Stages, settings, monkeypatch) -> None:  # noqa: F811
    settings.METRICS_TOKEN = "token"
    monkeypatch.setattr(transitions, "MessageCounts", Kept)
    stages.campaign = make_campaign(stages.pool, sizes.BATCH * (sizes.ROUNDS * 2 + 1))
    Kept.transactions = []
    stages.round(WARM_UP)
    fold()
    print(f"\n\nCounts of a message in {sizes.ROUNDS} batches of {sizes.BATCH}, CPU µs a message")
    print(f"  {'':<18}{'stages':>9}{'counts':>9}{'adding up':>11}{'a scrape':>10}{'share':>8}")
    measure(stages, "no webhook")
    Webhook.objects.create(
        organization=stages.organization,
        url="https://192.0.2.1/",
        events=["*"],
        secret_set_at=timezone.now(),
    )
    measure(stages, "a webhook")
    print(f"  a scrape: every {EVERY} s at {RATE} messages/s")


def measure(stages: Stages, name: str) -> None:  # noqa: F811
    messages = sizes.BATCH * sizes.ROUNDS
    Kept.transactions = []
    for _ in range(sizes.ROUNDS):
        stages.round(f"{name}: ")
    adding, before = Meter(), UsageHour.objects.count()
    with adding.measured():
        fold()
    assert UsageHour.objects.count() >= max(before, 1) and not UsageRecord.objects.exists()
    added, counts = of(adding) / messages, again() / messages
    whole = sum(of(meter) for key, meter in stages.meters.items()
                if key.startswith(f"{name}: ") and is_of(key, "")) / messages  # fmt: skip
    scraped = scrape() / RATE / EVERY
    share = (counts + added + scraped) / (whole + added + scraped)
    print(f"  {name:<18}{whole:>9.0f}{counts:>9.1f}{added:>11.1f}{scraped:>10.1f}{share:>8.1%}")


def of(meter: Meter) -> float:
    """CPU µs of Python and PostgreSQL."""
    return (meter.python + abs(meter.postgres)) * 1e6


def again() -> float:
    """CPU µs of all calls that were kept, made once more."""
    meter, kept = Meter(), [calls for calls in Kept.transactions if calls]
    assert sum(len(calls) for calls in kept) == 2 * sizes.BATCH * sizes.ROUNDS
    for _ in range(TIMES):
        # In one transaction, as theirs are there without counts, too.
        with transaction.atomic(), meter.measured():
            for calls in kept:
                counts = MessageCounts()
                for method, args, kwargs in calls:
                    getattr(counts, method)(*args, **kwargs)
                counts.save()
        UsageRecord.objects.all().delete()
    return of(meter) / TIMES


def scrape() -> float:
    """CPU µs of one in the site."""
    meter = Meter()
    with meter.measured():
        for _ in range(TIMES):
            answer = Client().get("/metrics", headers={"Authorization": "Bearer token"})
            assert answer.status_code == 200
    return of(meter) / TIMES
