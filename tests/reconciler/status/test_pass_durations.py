"""How long passes take, those without a run too."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from reconciler.jcli.errors import JcliError
from reconciler.models import Run
from reconciler.result import Ending
from reconciler.status import pass_durations
from tests.reconciler.passes import run


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def slots(gateway) -> list[pass_durations.Slot]:
    return list(pass_durations.read([gateway.pk])[gateway.pk].values())


def test_a_pass_that_finds_nothing_is_counted_and_leaves_no_row(modelled):
    assert run(modelled).ending is Ending.IN_SYNC

    (slot,) = slots(modelled)
    assert (slot.passes, slot.failed) == (1, 0)
    assert 0 < slot.seconds == slot.slowest
    assert Run.objects.count() == 0


def test_a_pass_that_finds_its_gateway_away_has_failed(modelled, monkeypatch):
    run(modelled)

    def away(gateway):
        raise JcliError("no answer")

    monkeypatch.setattr("reconciler.gateway_client.gateway_console.connect", away)
    run(modelled)

    counts = [(each.passes, each.failed) for each in slots(modelled)]
    assert [sum(column) for column in zip(*counts, strict=True)] == [2, 1]


def test_plans_and_passes_of_one_organisation_do_not_count(modelled, tenant):
    run(modelled, plan_only=True)
    run(modelled, organization_id=tenant.pk)

    assert slots(modelled) == []


def test_a_quarter_hour_is_one_slot_and_a_day_is_kept():
    start = timezone.now().replace(minute=0, second=0)
    with time_machine.travel(start, tick=False) as clock:
        for seconds in (0.5, 0.25):
            pass_durations.record("gw", seconds=seconds, failed=False)
        first = pass_durations.slot_of(start)
        assert pass_durations.read(["gw", "other"]) == {
            "gw": {first: pass_durations.Slot(passes=2, seconds=0.75, slowest=0.5)},
            "other": {},
        }
        for quarter in range(1, 100):
            clock.move_to(start + timedelta(minutes=15 * quarter))
            pass_durations.record("gw", seconds=0.1, failed=False)
        assert list(pass_durations.read(["gw"])["gw"]) == list(range(first + 4, first + 100))


def test_a_cache_that_is_away_costs_no_pass(modelled, monkeypatch, caplog):
    def away(*args, **kwargs):
        raise RedisError("gone")

    for name in ("get", "get_many"):
        monkeypatch.setattr(pass_durations.cache, name, away)

    assert run(modelled).ending is Ending.IN_SYNC
    assert slots(modelled) == []
    assert "was not kept" in caplog.text
