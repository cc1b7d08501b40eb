"""Three gateways with 2,000 organisations of five credentials each, as rows alone: what the loads,
an evacuation and a balance cost in the database. Prints milliseconds, and judges none."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import Organization
from reconciler import gateway_loads, placements
from reconciler.fleet import balancing, evacuation, relocation
from reconciler.models import Gateway, Placement

ORGANIZATIONS = int(os.environ.get("FLEET_ORGANIZATIONS", 2_000))
EACH = 5

pytestmark = [pytest.mark.stack, pytest.mark.django_db]


@pytest.fixture
def gateways() -> Iterator[list[Gateway]]:
    made = [
        Gateway.objects.create(
            name=f"g{number}", jcli_host="192.0.2.1", http_url="http://x", state="up"
        )
        for number in range(3)
    ]
    organizations = Organization.objects.bulk_create(
        Organization(name=f"Organisation {number}") for number in range(ORGANIZATIONS)
    )
    Placement.objects.bulk_create(
        Placement(organization=each, gateway=made[number % 3])
        for number, each in enumerate(organizations)
    )
    credentials = Credential.objects.bulk_create(
        Credential(
            organization=each, name="north", host="192.0.2.9", port=port, system_id="acme",
            password="s3cret!!", password_set_at=timezone.now(),
        )
        for each in organizations
        for port in range(1, EACH + 1)
    )  # fmt: skip
    CredentialStatus.objects.bulk_create(
        CredentialStatus(credential=each, bind_state=BindState.BOUND, sync_state=SyncState.SYNCED)
        for each in credentials
    )
    return made


def timed(what: str, do: Callable[[], object]) -> None:
    with CaptureQueriesContext(connection) as asked:
        began, cpu = time.perf_counter(), time.process_time()
        do()
        took, own = time.perf_counter() - began, time.process_time() - cpu
    times = f"{took * 1000:>8,.0f} ms, {own * 1000:>7,.0f} of them Python"
    print(f"{what:<44}{times}{len(asked):>7,} statements")


def test_rows_of_a_fleet(gateways: list[Gateway], settings) -> None:
    settings.GATEWAY_MOST_CONNECTORS = 0
    first = gateways[0]
    one = Placement.objects.filter(gateway=first).first().pk
    print(f"\n\n{ORGANIZATIONS:,} organisations, {ORGANIZATIONS * EACH:,} credentials, 3 gateways")
    timed("whose gateway, of one organisation", lambda: placements.serving_each([one]))
    timed("the loads of all", gateway_loads.read)
    timed("where a third of them can go", lambda: relocation.plan(first, gapless=False))
    Gateway.objects.filter(pk=first.pk).update(state="down", state_reason="no answer")
    first.refresh_from_db()
    timed(
        "evacuation of that third",
        lambda: evacuation.evacuate(first, by=SYSTEM, why="a benchmark"),
    )
    Gateway.objects.filter(pk=first.pk).update(state="up", mode="active", closed=False)
    timed("a balance with one empty gateway, planned", balancing.plan)
    assert not first.placements.exists()
