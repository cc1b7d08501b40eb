"""Turns in the real Redis: what stays there, and what happens when it stops."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from messaging.numbers import SenderType
from messaging.pools.counters import InMemoryCounters, fallback, turn_counters
from messaging.pools.counters.base import KEPT_MEMBERS, Use
from messaging.pools.counters.in_redis import LIFE
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, Strategy
from orbit.dev.stack import Stack
from tests.messaging.pools.conftest import FRANCE, roster, take_sender

pytestmark = pytest.mark.stack

SENDERS = [f"+3370000000{number}" for number in range(7)]
MEMBERS = [
    Member(f"mem_{number}", f"Shop {number}", SenderType.ALPHANUMERIC, weight=number + 1)
    for number in range(5)
]
groups = st.builds(
    TurnGroup,
    strategy=st.sampled_from(Strategy),
    seed=st.just(7),
    members=st.lists(st.sampled_from(MEMBERS), min_size=1, unique=True).map(tuple),
)
places = st.tuples(st.sampled_from(["pool_a", "pool_b"]), st.sampled_from(["FR", "US"]), groups)
uses = st.lists(places | st.sampled_from(MEMBERS) | st.integers(0, 9), min_size=1, max_size=12)
questions = st.lists(places | uses, max_size=8)


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True) as client:
        client.flushdb()
        yield client


@given(questions=questions)
def test_redis_counts_as_a_process_does(questions):
    """Also where many turns are taken in one round trip, of several pools and groups."""
    shared, local, mark = turn_counters().shared, InMemoryCounters(), uuid.uuid4().hex
    for question in questions:
        if isinstance(question, tuple):
            pool_id, lane, group = question
            answers = [each.look(f"{pool_id}{mark}", lane, group) for each in (shared, local)]
        else:
            asked = as_uses(question, mark)
            answers = [each.take(asked) for each in (shared, local)]
        assert answers[0] == answers[1]


def as_uses(drawn: list, mark: str) -> list[Use]:
    """In one list a lane has one group, as it has in a batch; `n` uses the member of an earlier use
    by use again."""
    found: list[Use] = []
    lanes = {}
    for each in drawn:
        if isinstance(each, tuple):
            pool_id, lane, group = each
            group = lanes.setdefault((pool_id, lane), group)
            found.append(Use(f"{pool_id}{mark}", f"{lane}", group))
        elif isinstance(each, Member):
            found.append(Use(f"pool_a{mark}", member=each))
        else:
            before = [n for n, use in enumerate(found) if by_use(use)]
            if before:
                earlier = before[each % len(before)]
                found.append(Use(found[earlier].pool_id, again=earlier))
    return found


def by_use(use: Use) -> bool:
    return use.group is None or use.group.goes_by_use


@pytest.mark.django_db
class TestKeys:
    def test_every_key_expires_and_there_are_few(self, api, client):
        for strategy in Strategy:
            pool = roster(api.add(*SENDERS, strategy=strategy))
            for number in range(40):
                take_sender(pool, f"+336399800{number:02}")
        keys = client.keys("senders:*")
        assert len(keys) == 3 * 2 + 1  # a group and a lane; times of use
        assert all(LIFE - 60 < client.ttl(key) <= LIFE for key in keys)

    def test_looking_leaves_none(self, api, client):
        for strategy in Strategy:
            api.preview(api.add(*SENDERS, strategy=strategy), count=100)
        assert client.keys("senders:*") == []

    def test_members_that_are_used_no_more_are_forgotten(self, client):
        counters = turn_counters()
        for number in range(KEPT_MEMBERS + 5):
            member = Member(f"mem_{number}", "Shop", SenderType.ALPHANUMERIC)
            counters.take([Use("pool_1", member=member)])
        assert client.zcard("senders:{pool_1}:used") == KEPT_MEMBERS
        assert client.zscore("senders:{pool_1}:used", "mem_4") is None

    @pytest.mark.parametrize("strategy", Strategy)
    def test_one_round_trip_a_turn(self, api, client, strategy):
        pool = roster(api.add(*SENDERS, strategy=strategy))
        take_sender(pool, FRANCE)
        before = commands(client)
        for _ in range(10):
            take_sender(pool, FRANCE)
        after = commands(client)
        assert after["evalsha"] - before["evalsha"] == 10
        assert after.keys() == before.keys()

    def test_a_redis_that_has_lost_all_begins_anew(self, api, client):
        pool = roster(api.add(*SENDERS))
        first = [take_sender(pool, FRANCE).member.sender for _ in range(3)]
        client.flushall()
        client.script_flush()
        assert [take_sender(pool, FRANCE).member.sender for _ in range(3)] == first


def commands(client: redis.Redis) -> dict[str, int]:
    """How often a client has sent each command of ours."""
    stats = client.info("commandstats")
    ours = ("evalsha", "eval", "get", "set")
    return {name: stats[f"cmdstat_{name}"]["calls"] for name in ours if f"cmdstat_{name}" in stats}


@pytest.mark.django_db
def test_redis_stops_and_choices_go_on(api, client, settings, tmp_path, monkeypatch):
    """A Redis of its own, since cache and broker of the other tests need theirs."""
    monkeypatch.setattr(fallback, "PAUSE", 0.0)
    with Stack(tmp_path / "redis", gateways=(), postgres=False, keep=False) as own:
        settings.REDIS_URL = own.redis_url
        pool_id = api.add(*SENDERS[:3], {"sender": "Off", "enabled": False}, sticky=False)
        pool = roster(pool_id)
        assert [take_sender(pool, FRANCE).member.sender for _ in range(2)] == SENDERS[:2]
        assert sender_turns() == {
            "ok": True,
            "detail": "counted over all processes",
            "degraded": False,
        }

        own._redis.kill()
        found = [take_sender(pool, FRANCE).member.sender for _ in range(6)]
        assert found == SENDERS[:3] * 2
        assert api.preview(pool_id, count=3)["next"] == SENDERS[:3]
        check = sender_turns()
        assert check["ok"]
        assert check["detail"].startswith("evenness is degraded")

        own._redis.start()
        assert sender_turns()["detail"] == "counted over all processes"
        # It keeps nothing on disk, so it begins anew.
        assert [take_sender(pool, FRANCE).turn for _ in range(3)] == [0, 1, 2]


def sender_turns() -> dict:
    token = "a-token-of-some-length"
    with override_settings(METRICS_TOKEN=token):
        answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/readyz")
    return answer.json()["checks"]["sender_turns"]
