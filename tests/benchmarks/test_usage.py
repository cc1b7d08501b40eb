"""A month of ten million messages, as usage has it: what `GET /v1/usage` takes by each grouping,
and what it takes to add up what was counted. Prints tables; asserts no time. The server may use
further processes for a query, whose CPU is not counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from messaging.usage.folding import fold
from messaging.usage.models import UsageHour, UsageRecord
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller

HOURS = int(os.environ.get("USAGE_HOURS", 720))
CARRIERS = int(os.environ.get("USAGE_CARRIERS", 10))
COUNTRIES = int(os.environ.get("USAGE_COUNTRIES", 20))
MESSAGES = 10_000_000
STATUSES = ("delivered", "undelivered", "failed")
GROUPS = (
    "day",
    "day,status",
    "carrier",
    "country,status",
    "day,carrier",
    "hour",
    "hour,status",
    "carrier,country,sender,status",
)
ROUNDS = 5

pytestmark = pytest.mark.stack


class Usage(Caller):
    url = "/v1/usage"


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    return make_organization()


def test_a_month_of_ten_million_messages(organization: Organization) -> None:
    rows = fill(organization)
    total = UsageHour.objects.count()
    print(f"\n\n{MESSAGES:,} messages in {rows:,} sums of an organisation, {total:,} of all")
    api = Usage(organization)
    print(f"  {'group_by':<34}{'ms':>8}{'CPU ms':>8}  rows")
    for group_by in GROUPS:
        answer = api.get(f"?group_by={group_by}")
        took, cpu = timed(lambda by=group_by: api.get(f"?group_by={by}"))
        assert answer.status_code == 200, answer.content
        print(f"  {group_by:<34}{took:>8.0f}{cpu:>8.0f}  {len(answer.json()['data']['rows']):,}")


def test_adding_up(organization: Organization) -> None:
    """10,000 rows as pages of 500 receipts leave them."""
    now = timezone.now().replace(second=0, microsecond=0)
    UsageRecord.objects.bulk_create(
        UsageRecord(
            minute=now - timedelta(minutes=number % 3),
            organization_id=organization.pk,
            carrier_id=f"carr_{number % 7}",
            country=("FR", "DE", "US")[number % 3],
            sender_type="long_code",
            status="delivered",
            outcome="delivered",
            bucket=number % 8,
            messages=16,
            segments=16,
            amount=0,
        )
        for number in range(10_000)
    )
    started = time.process_time()
    assert fold()
    took = time.process_time() - started
    print(f"\n  adding up 10,000 rows: {took * 1000:.0f} ms of Python's CPU")


def fill(organization: Organization) -> int:
    kinds = CARRIERS * COUNTRIES * 2 * len(STATUSES)
    each = max(1, MESSAGES // (HOURS * kinds))
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    with connection.cursor() as cursor:
        for owner in (organization, make_organization("Another one")):
            cursor.execute(
                "INSERT INTO messaging_usagehour (hour, organization_id, credential_id, "
                "carrier_id, country, sender_type, status, currency, messages, segments, amount) "
                "SELECT %s::timestamptz + hour * interval '1 hour', %s, 'cred_' || carrier, "
                "'carr_' || carrier, chr(65 + country / 26) || chr(65 + country %% 26), kind, "
                "status, 'EUR', %s, %s, %s * 0.0125 FROM generate_series(0, %s) AS hour, "
                "generate_series(1, %s) AS carrier, generate_series(1, %s) AS country, "
                "unnest(ARRAY['long_code', 'alphanumeric']) AS kind, unnest(%s::text[]) AS status",
                [start, owner.pk, each, each, each, HOURS - 1, CARRIERS, COUNTRIES, list(STATUSES)],
            )
        cursor.execute("ANALYZE messaging_usagehour")
    return HOURS * kinds


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds: the median, and the mean of the CPU of Python and of the database's server."""
    took, cpu = [], cpu_seconds()
    for _ in range(ROUNDS):
        started = time.monotonic()
        call()
        took.append((time.monotonic() - started) * 1000)
    return median(took), (cpu_seconds() - cpu) * 1000 / ROUNDS


def cpu_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    *_, user, system = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
