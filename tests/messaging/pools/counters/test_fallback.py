"""Redis goes away and comes back: choices go on, and no choice waits for it twice."""

from __future__ import annotations

import errno

import pytest
import redis

from messaging.numbers import SenderType
from messaging.pools.counters import fallback, health, in_memory, turn_counters
from messaging.pools.counters.base import KEPT_MEMBERS, Use
from messaging.pools.counters.fallback import CountersWithFallback
from messaging.pools.counters.in_memory import InMemoryCounters
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, State, Strategy
from orbit.operations import health as readiness
from tests.fixtures.clocks import give_clock

MEMBERS = tuple(Member(f"mem_{n}", f"Shop {n}", SenderType.ALPHANUMERIC) for n in range(3))


class Away(InMemoryCounters):
    """A Redis that may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away, self.asked = False, 0

    def ping(self) -> None:
        if self.away:
            raise redis.ConnectionError("redis://user:secret@host") from ConnectionRefusedError(
                errno.ECONNREFUSED, "Connection refused"
            )

    def take(self, *question):
        self.asked += 1
        self.ping()
        return super().take(*question)


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1000.0]
    give_clock(monkeypatch, fallback, monotonic=lambda: now[0])
    return now


@pytest.fixture
def shared() -> Away:
    return Away()


@pytest.fixture
def counters(shared, clock) -> CountersWithFallback:
    return CountersWithFallback(shared, InMemoryCounters())


def group(strategy: str = "round_robin", count: int = 3) -> TurnGroup:
    return TurnGroup(Strategy(strategy), 0, MEMBERS[:count])


def take(counters, of: TurnGroup | None = None) -> str:
    (turn,) = counters.take([Use("pool_1", "FR", of or group())])
    return turn.member.id


def test_choices_go_on_and_return_to_where_they_were(counters, shared, clock, caplog):
    assert [take(counters) for _ in range(2)] == ["mem_0", "mem_1"]
    shared.away = True
    assert [take(counters) for _ in range(4)] == ["mem_0", "mem_1", "mem_2", "mem_0"]
    shared.away = False
    clock[0] += fallback.PAUSE
    assert take(counters) == "mem_2"
    said = [record.message for record in caplog.records]
    assert said == [
        "senders take turns by process: ConnectionError",
        "senders take turns over all processes again",
    ]


def test_while_it_is_away_it_is_asked_once_in_a_while(counters, shared, clock):
    shared.away = True
    for _ in range(50):
        take(counters)
    assert shared.asked == 1
    clock[0] += fallback.PAUSE
    take(counters)
    assert shared.asked == 2


def test_the_page_of_readiness_says_so_and_is_not_down(monkeypatch, counters, shared):
    monkeypatch.setattr(health, "turn_counters", lambda: counters)
    assert readiness._checks["sender_turns"][0] is health.sender_turns
    assert health.sender_turns() == readiness.Health(True, "counted over all processes")
    shared.away = True
    found = health.sender_turns()
    assert found.ok
    assert found.detail.startswith("evenness is degraded")
    assert found.detail.endswith("since Redis is away (connection refused)"), "as others say it"
    assert "secret" not in found.detail


def test_without_redis_it_says_so_too(monkeypatch):
    monkeypatch.setattr(health, "turn_counters", InMemoryCounters)
    assert "REDIS_URL is empty" in health.sender_turns().detail


def test_settings_say_who_counts(settings):
    settings.REDIS_URL = ""
    assert isinstance(turn_counters(), InMemoryCounters)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert isinstance(turn_counters(), CountersWithFallback)
    assert turn_counters() is turn_counters()


class TestLocal:
    def test_looking_takes_no_turn(self):
        counters = InMemoryCounters()
        for strategy in Strategy:
            of = group(strategy)
            assert counters.look("pool_1", "FR", of) == counters.look("pool_1", "FR", of)
            assert counters.look("pool_1", "FR", of) == State()

    def test_one_member_has_no_turns_to_count(self):
        counters = InMemoryCounters()
        assert take(counters, group(count=1)) == "mem_0"
        assert not counters._turns

    def test_pools_do_not_share_turns(self):
        counters = InMemoryCounters()
        take(counters)
        assert counters.look("pool_2", "FR", group()) == State()

    def test_what_it_keeps_is_bounded(self, monkeypatch):
        monkeypatch.setattr(in_memory, "MAX_KEYS", 3)
        counters = InMemoryCounters()
        for number in range(9):
            pool_id = f"pool_{number}"
            counters.take([Use(pool_id, "FR", group()), Use(pool_id, member=MEMBERS[0])])
        assert [len(each) for each in (counters._turns, counters._lanes, counters._used)] == [3] * 3
        for number in range(KEPT_MEMBERS + 5):
            member = Member(f"mem_{number}", "Shop", SenderType.ALPHANUMERIC)
            counters.take([Use("pool_8", member=member)])
        assert len(counters._used["pool_8"]) == KEPT_MEMBERS
        assert "mem_4" not in counters._used["pool_8"]
