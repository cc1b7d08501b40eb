"""A worker that has lost its lease does not work on."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from messaging import leases
from messaging.leases import Lease
from tests.fixtures.clocks import give_clock

LENGTH = timedelta(seconds=30)


def test_it_holds_until_its_end():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        lease = Lease.begin(LENGTH)
        clock.shift(29)
        assert lease.holds()
        clock.shift(1)
        assert not lease.holds()


def test_a_clock_that_is_set_back_makes_it_no_longer(monkeypatch):
    lease = Lease.begin(LENGTH, at=timezone.now() + timedelta(hours=1))
    assert lease.holds()

    later = leases.time.monotonic() + 31
    give_clock(monkeypatch, leases, monotonic=lambda: later)

    assert timezone.now() < lease.until
    assert not lease.holds()
