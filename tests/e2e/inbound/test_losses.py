"""Texts of phones while everything dies: what a carrier saw acknowledged is there once and whole.

`make kills` has a hundred deaths at 200 texts a second, the suite six at 40. LOSSES_SEED: the
moments and texts of the one before again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest
import redis
from django.utils import timezone

from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.webhooks.models import Delivery, DeliveryStatus
from orbit.dev.stack import Jasmin
from orbit.dev.stack.redis import Redis
from tests.e2e.gate import Gate
from tests.e2e.inbound.phones import Phones, writing
from tests.e2e.inbound.platform import Platform, platform_of
from tests.e2e.messages.conftest import World
from tests.e2e.messages.killing import Killer, seed
from tests.e2e.messages.loading import Acknowledged, on_their_way
from tests.e2e.waiting import eventually
from tests.messaging.webhooks.server import Server

pytestmark = pytest.mark.stack

KILLS = int(os.environ.get("KILLS", "100"))
RATE = int(os.environ.get("LOSSES_RATE", "200"))
AWAY = float(os.environ.get("AWAY", "60"))  # seconds
PATIENCE = float(os.environ.get("LOSSES_PATIENCE", "400"))  # seconds, until all is told
ROUTES = {"north": "webhook", "south": "access", "west": "both"}
NUMBERS = {"north": "38001", "south": "38002", "west": "38003"}


class Scene:
    """The site with its carriers, their numbers, the webhook's inbox and the platform."""

    def __init__(
        self, world: World, killer: Killer, seen: Acknowledged, inbox: Server, platform: Platform
    ) -> None:
        self.world, self.killer, self.seen = world, killer, seen
        self.inbox, self.platform = inbox, platform
        hook = {"url": inbox.url, "events": ["message.received"]}
        self.secret = world.api.post("/v1/webhooks", hook).data["signing_secret"]
        for name, number in NUMBERS.items():
            body = {"number": number, "countries": ["FR"], "route": ROUTES[name]}
            body["credential_id"] = world.credentials[name]
            assert world.api.post("/v1/numbers", body).status == 201


@pytest.fixture
def scene(
    make_dying: Callable,
    make_world: Callable,
    own_redis: Redis,
    database_url: str,
    jasmin: Jasmin,
    seen: Acknowledged,
    inbox: Server,
) -> Iterator[Scene]:
    site = make_dying(REDIS_URL=own_redis.url, DATABASE_URL=database_url)
    world = make_world(site, [])
    with platform_of(world.api, jasmin) as platform:
        yield Scene(world, Killer(site, jasmin, own_redis), seen, inbox, platform)


@pytest.mark.parametrize(
    ("kills", "rate", "away"),
    [(6, 40, 2.0), pytest.param(KILLS, RATE, AWAY, marks=pytest.mark.kills)],
    ids=["short", "long"],
)
@pytest.mark.slow("six deaths of processes, each a start")
def test_texts_that_were_acknowledged_are_there_once_and_whole(
    scene: Scene, database_gate: Gate, own_redis: Redis, kills: int, rate: int, away: float
) -> None:
    """PostgreSQL is one of the deaths: the site's connections are cut, and for `away` seconds there
    are no others."""
    chance = seed("LOSSES_SEED")
    kinds = list(itertools.islice(itertools.cycle(scene.killer.kinds), kills - 1))
    chance.shuffle(kinds)
    kinds.insert(kills // 2, "database")
    with writing(scene.world, NUMBERS, chance, rate=rate) as phones:
        for kind in kinds:
            until = _acknowledged(scene) + chance.randrange(rate)
            eventually(lambda at=until: _acknowledged(scene) >= at, timeout=90)
            if kind == "database":
                database_gate.shut()
                back = threading.Timer(away, database_gate.open)
                back.start()
            else:
                scene.killer.kill(kind)
        back.join()
    begun = time.monotonic()
    if kills < KILLS:
        _hurry(own_redis)
    _wait_until_told(scene, phones)
    print(f"{kills} deaths: {scene.killer.counts()}, database away {away:g} s")
    print(f"told within {time.monotonic() - begun:.0f} s after the last text")
    assert_none_lost_none_twice(scene, phones)


def _acknowledged(scene: Scene) -> int:
    """How many PDUs, at all carriers."""
    return sum(scene.world.smsc.system(name).texts["acknowledged"] for name in NUMBERS)


def _wait_until_told(scene: Scene, phones: Phones) -> None:
    """Or until nobody would wait any longer: what is missing then is counted."""
    names = scene.world.carriers

    def is_told() -> bool:
        return (
            not any(on_their_way(scene.world, name) for name in names)
            and InboundMessage.objects.count() >= len(phones.said)
            and not InboundPdu.objects.filter(access_due_at__isnull=False).exists()
            and not Delivery.objects.filter(status=DeliveryStatus.PENDING).exists()
        )

    with contextlib.suppress(AssertionError):
        eventually(is_told, timeout=PATIENCE)


def _hurry(own_redis: Redis) -> None:
    """What a dead worker had claimed is free at once, and not after its lease of 60 s."""
    Delivery.objects.filter(status=DeliveryStatus.PENDING).update(due_at=timezone.now())
    with redis.Redis.from_url(own_redis.url) as client:
        for key in client.scan_iter("*woken*"):
            client.delete(key)


def assert_none_lost_none_twice(scene: Scene, phones: Phones) -> None:
    rows = list(
        InboundMessage.objects.values_list(
            "pk", "body", "sender", "receiver", "segments", "complete"
        )
    )
    whole = {
        each.body: (f"+{each.phone}", NUMBERS[each.carrier], len(each.pdus), True)
        for each in phones.said.values()
        if all(pdu.decode("latin-1") in scene.seen.texts for pdu in each.pdus)
    }
    times = Counter(row[1] for row in rows)
    print(
        f"{len(phones.said)} texts ({sum(len(each.pdus) > 1 for each in phones.said.values())} in "
        f"parts) in {phones.seconds:.0f} s, {len(whole)} acknowledged; {len(rows)} rows of "
        f"{InboundPdu.objects.count()} PDUs, {sum(scene.seen.texts.values())} acknowledgements"
    )
    assert len(whole) == len(phones.said)
    assert [each for each in whole if each not in times] == []
    assert {body: count for body, count in times.items() if count > 1} == {}
    assert [row for row in rows if whole.get(row[1]) != row[2:]] == []
    _assert_events(scene, phones, {row[0]: row[1] for row in rows})
    _assert_platform(scene, phones)


def _assert_events(scene: Scene, phones: Phones, bodies: dict[str, str]) -> None:
    """One event for each text whose number has the webhook, however often it came."""
    ids: dict[str, set[str]] = defaultdict(set)
    for post in scene.inbox.posts:
        event = post.verified(scene.secret)
        assert event["data"]["body"] == bodies[event["data"]["id"]]
        ids[event["data"]["body"]].add(event["id"])
    print(f"{len(scene.inbox.posts)} posts of {len(ids)} texts")
    assert {body: found for body, found in ids.items() if len(found) > 1} == {}
    assert ids.keys() == set(_going_to(phones, "webhook", "both"))


def _assert_platform(scene: Scene, phones: Phones) -> None:
    """Each part at least once."""
    said = phones.said
    wanted = {pdu for body in _going_to(phones, "access", "both") for pdu in said[body].pdus}
    got = scene.platform.got
    print(
        f"{sum(got.values())} PDUs at the platform of {len(wanted)}, {scene.platform.binds} binds"
    )
    assert wanted - got.keys() == set()
    assert got.keys() - wanted == set()


def _going_to(phones: Phones, *routes: str) -> Sequence[str]:
    return [body for body, each in phones.said.items() if ROUTES[each.carrier] in routes]
