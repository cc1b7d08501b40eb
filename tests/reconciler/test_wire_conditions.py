"""Carriers that throttle or are slow, and disks of gateways, by looks at their wires."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from messaging.notices import sources
from messaging.notices.decisions import Kind
from reconciler import wire_conditions, wire_looks
from reconciler.gateway_client import wire_figures
from reconciler.gateway_client.wire_figures import Answers, Figures, Unread
from reconciler.models import Gateway
from tests.factories import make_organization
from tests.messaging.messages.dispatch.conftest import make_carrier

pytestmark = pytest.mark.django_db
DISK = {
    "disk_free_bytes": 50.0,
    "disk_size_bytes": 100.0,
    "journal_bytes": 1.0,
    "journal_limit_bytes": 100.0,
    "store_ok": 1.0,
}


class Wire:
    """A gateway that is looked at every 30 seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gateway = Gateway.objects.create(
            name="main",
            jcli_host="10.0.0.5",
            jcli_username="jcliadmin",
            jcli_password="secret",
            http_url="http://10.0.0.5:1401",
            state="up",
            capabilities=["lane"],
        )
        cache.delete(wire_looks._KEPT + self.gateway.pk)
        self.now, self.reads = timezone.now(), 0
        self.figures = Figures(DISK)
        monkeypatch.setattr(wire_figures, "read", self._read)

    def _read(self, gateway: Gateway) -> Figures:
        self.reads += 1
        if isinstance(self.figures, Exception):
            raise self.figures
        return self.figures

    def answers(self, *counts: tuple[int, int, int], cids: tuple[str, ...]) -> list[str]:
        """What is found after looks that find these counts, submits, throttled, slow; then what is
        found by the last one."""
        found: list[str] = []
        for each in counts:
            self.now += timedelta(seconds=30)
            self.figures = Figures(DISK, dict.fromkeys(cids, Answers(*each)))
            found = [
                condition.what
                for source in (wire_conditions.throttled, wire_conditions.slow)
                for condition in source(self.now)
            ]
        return found


@pytest.fixture
def organization():
    return make_organization()


@pytest.fixture
def wire(monkeypatch) -> Wire:
    return Wire(monkeypatch)


@pytest.fixture
def cid(organization) -> str:
    return make_carrier(organization, "north").credential.gateway_key


def test_two_looks_in_a_row_that_find_it_throttled_are_one_incident_of_its_host(wire, cid) -> None:
    other = make_carrier(make_organization(), "south").credential.gateway_key

    found = wire.answers((0, 0, 0), (100, 50, 0), (200, 100, 0), cids=(cid, other))
    (one,) = wire_conditions.throttled(wire.now)

    assert found == ["The carrier at 192.0.2.1:2775 throttles"]
    assert one.why.startswith("50 % of 100 submits")
    assert [each.name for each in one.touches] == ["north", "south"]


def test_slow_answers_are_another(wire, cid) -> None:
    found = wire.answers((0, 0, 0), (100, 0, 20), (200, 0, 40), cids=(cid,))

    assert found == ["The carrier at 192.0.2.1:2775 answers slowly"]


@pytest.mark.parametrize(
    "counts",
    [
        [(0, 0, 0), (100, 50, 50), (200, 51, 51)],  # a burst
        [(0, 0, 0), (4, 4, 4), (8, 8, 8)],  # hardly any answers
        [(900, 900, 900), (100, 100, 100), (200, 200, 200)],  # its gateway was started again
        [(100, 50, 50), (200, 100, 100)],  # seen for the first time
    ],
)
def test_what_proves_nothing_is_none(wire, cid, counts) -> None:
    assert wire.answers(*counts, cids=(cid,)) == []


def test_a_look_is_shared_by_those_who_ask_at_once(wire, cid) -> None:
    wire.answers((0, 0, 0), cids=(cid,))
    list(wire_conditions.disks(wire.now + timedelta(seconds=5)))

    assert wire.reads == 1


def test_what_can_not_be_read_now_is_not_over(wire, cid, monkeypatch) -> None:
    wire.figures = Unread("HTTP 500 to /lane/metrics")
    monkeypatch.setattr(sources, "_sources", {wire_conditions.throttled: Kind.THROTTLED})

    assert sources.read(wire.now) == ([], {Kind.THROTTLED})


def test_gateways_that_are_down_or_have_no_lane_are_not_asked(wire) -> None:
    Gateway.objects.update(state="down")
    list(wire_conditions.disks(wire.now))
    Gateway.objects.update(state="up", capabilities=[])
    list(wire_conditions.disks(wire.now))

    assert wire.reads == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"disk_free_bytes": 9.0}, "9 % of it are free"),
        ({"journal_bytes": 81.0}, "19 % of its journal's limit are left"),
        ({"store_ok": 0.0}, "its journal can't be written"),
    ],
)
def test_a_gateways_disk_that_is_nearly_full(wire, change, why) -> None:
    wire.figures = Figures(DISK | change)

    found = [each.why for each in wire_conditions.disks(wire.now)]

    assert [each[: len(why)] for each in found] == ([why] if why else [])
