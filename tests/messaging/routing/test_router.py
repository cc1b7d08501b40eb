"""`Router`: a batch is routed as if its messages came one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.credentials.models import Credential
from messaging.pools.counters import in_redis
from messaging.pools.engine.values import Strategy
from messaging.pools.models import StickySender
from messaging.routing import selection
from messaging.routing.router import Router
from messaging.routing.values import Retry, Route, RouteRequest, Unroutable, Waiting
from tests.messaging.messages.conftest import make_carrier
from tests.messaging.pools.conftest import FRANCE, A, B, C

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PLENTY = 1000


def to_france(number: int = 1, body: str = "hello", **fields) -> RouteRequest:
    return RouteRequest(f"+3363998{number:04}", "FR", body, **fields)


@pytest.fixture
def carrier(organization):
    return make_carrier(organization)


@pytest.fixture
def choose(organization):
    """All carriers are usable and have room, unless it is said otherwise."""

    def call(*wanted: RouteRequest, usable=None, room=None):
        routes = Router.read(organization.pk)
        every = routes.order(country="FR")
        return routes.choose(
            wanted,
            usable={each.id for each in every} if usable is None else usable,
            room={each.credential_id: PLENTY for each in every} if room is None else room,
        )

    return call


def senders(answers) -> list[str]:
    return [each.sender for each in answers]


@pytest.mark.parametrize("strategy", [each.value for each in Strategy])
def test_a_batch_gets_the_senders_that_were_previewed(api, carrier, choose, strategy):
    members = ({"sender": each, "weight": weight} for each, weight in ((A, 1), (B, 2), (C, 3)))
    pool_id = api.add(*members, strategy=strategy)
    named = api.preview(pool_id, count=20)["next"]
    wanted = [RouteRequest(FRANCE, "FR", "hello", pool_id=pool_id)] * 10
    assert senders(choose(*wanted) + choose(*wanted)) == named


def test_messages_of_a_batch_to_one_number_of_a_sticky_pool_have_one_sender(api, carrier, choose):
    for strategy in Strategy:
        pool_id = api.add(A, B, C, sticky=True, strategy=strategy.value)
        numbers = [1, 2, 1, 1, 3, 2]
        found = senders(choose(*(to_france(number, pool_id=pool_id) for number in numbers)))
        of = dict(zip(numbers, found, strict=True))
        assert found == [of[number] for number in numbers]
        assert senders(choose(*(to_france(n, pool_id=pool_id) for n in (3, 2, 1)))) == [
            of[3], of[2], of[1],
        ]  # fmt: skip
        if strategy is not Strategy.RANDOM:
            assert len(set(found)) == 3, "none took a turn twice"
    assert StickySender.objects.count() == 3 * len(Strategy)


def test_use_by_a_mapping_counts_within_the_batch(api, carrier, choose):
    pool_id = api.add(A, B, C, sticky=True, strategy="least_recently_used")
    wanted = [to_france(number, pool_id=pool_id) for number in (1, 2, 1, 3, 4)]
    assert senders(choose(*wanted)) == [A, B, A, C, B]


def test_a_batch_reads_each_table_once(api, organization, carrier, choose):
    pools = [api.add(A, B, sticky=True) for _ in range(3)]
    wanted = [to_france(number, pool_id=pools[number % 3]) for number in range(100)]
    choose(*wanted)
    with CaptureQueriesContext(connection) as queries:
        Router.read(organization.pk).choose(
            wanted, usable={carrier.pk}, room={carrier.credential_id: PLENTY}
        )
    assert len(queries) == 4, "carriers, versions of the pools, mappings read, mappings written"


@pytest.mark.stack
def test_a_batch_is_one_round_trip_to_redis(api, carrier, choose, monkeypatch):
    assert django_settings.REDIS_URL
    pools = [api.add(A, B, strategy=each.value, sticky=True) for each in Strategy]
    wanted = [to_france(number, pool_id=pools[number % 4]) for number in range(100)]
    choose(*wanted)  # the groups are known from here on
    trips = []
    run = in_redis.RedisCounters._at_once

    def count(self, calls):
        trips.extend([len(calls)] if calls else [])
        return run(self, calls)

    monkeypatch.setattr(in_redis.RedisCounters, "_at_once", count)
    choose(*(to_france(number, pool_id=pools[number % 4]) for number in range(200, 300)))
    assert trips == [4], "one command a pool, in one pipeline"


def test_the_room_of_a_carrier_is_counted_down(carrier, choose):
    room = {carrier.credential_id: 2}
    answers = choose(*(to_france(number, sender="ACME") for number in range(4)), room=room)
    assert [isinstance(each, Route) for each in answers] == [True, True, False, False]
    assert answers[2:] == [Waiting.FULL] * 2
    assert room == {carrier.credential_id: 0}


def test_no_turn_is_taken_for_what_waits_or_fails(api, carrier, choose):
    pool_id, named = api.add(A, B), api.add("Off", carrier_ids=[])
    api.patch(f"/{named}", {"members": [{"sender": "Off", "enabled": False}]})
    nowhere, empty = to_france(pool_id=pool_id), to_france(pool_id=named)
    assert choose(nowhere, usable=()) == [Waiting.UNBOUND]
    assert choose(nowhere, room={}) == [Waiting.FULL]
    (failed,) = choose(empty)
    assert isinstance(failed, Unroutable)
    assert failed.code == "NO_ELIGIBLE_SENDER"
    assert senders(choose(nowhere)) == [A]


def test_one_that_has_refused_for_now_keeps_carrier_and_sender(organization, api, choose):
    first, second = make_carrier(organization), make_carrier(organization)
    pool_id = api.add(A, B)
    again = to_france(pool_id=pool_id, retry=Retry(second.pk, B, pool_id))
    (found,) = choose(again)
    assert (found.carrier.id, found.sender, found.pool_id) == (second.pk, B, pool_id)
    (found,) = choose(again, usable={first.pk})
    assert (found.carrier.id, found.sender) == (first.pk, A), "its bind is down: a new choice"


def test_those_that_refused_too_often_come_last(organization, choose):
    first, second = make_carrier(organization), make_carrier(organization)
    over = to_france(sender="ACME", passed_over=(first.pk,))
    assert [each.carrier.id for each in choose(over, to_france(sender="ACME"))] == [
        second.pk, first.pk,
    ]  # fmt: skip
    assert choose(over, usable={first.pk})[0].carrier.id == first.pk


def test_a_text_is_encoded_once_a_batch_for_each_alphabet(organization, choose, monkeypatch):
    make_carrier(organization, billing_rate=Decimal("0.01"))
    asked = []
    monkeypatch.setattr(
        selection, "encode", lambda *text, real=selection.encode: asked.append(text) or real(*text)
    )
    choose(*(to_france(number, sender="ACME") for number in range(50)))
    assert asked == [("hello", 0)]


class TestCheck:
    def test_it_reads_the_carriers_of_the_country_alone(self, organization):
        mine = make_carrier(organization, countries=["FR", "US"])
        anywhere = make_carrier(organization, countries=["*"])
        make_carrier(organization, countries=["DE"])
        with CaptureQueriesContext(connection) as queries:
            routes = Router.read(organization.pk, countries=["FR"])
            routes.check(to_france(sender="ACME"))
        assert len(queries) == 1
        assert [each.id for each in routes.order(country="FR")] == [mine.pk, anywhere.pk]
        assert routes.order(country="DE") == routes.order(country="") != []

    def test_it_says_how_the_first_carrier_takes_the_text(self, organization):
        make_carrier(organization)
        Credential.objects.update(gsm_data_coding=3)
        routes = Router.read(organization.pk)
        text = routes.check(to_france(body="a" * 150, sender="ACME"))
        assert (text.encoding.name, text.segments) == ("latin1", 2)

    def test_what_fits_with_no_carrier_is_refused(self, organization):
        make_carrier(organization)
        Credential.objects.update(gsm_data_coding=3)
        with pytest.raises(Unroutable, match="would take 12 segments") as refused:
            Router.read(organization.pk).check(to_france(body="a" * 1530, sender="ACME"))
        assert (refused.value.code, refused.value.field) == ("TEXT_TOO_LONG", "body")

    def test_a_text_has_to_fit_where_there_is_a_sender(self, api, organization):
        narrow, wide = make_carrier(organization), make_carrier(organization)
        Credential.objects.filter(pk=narrow.credential_id).update(gsm_data_coding=3)
        api.add(A, carrier_ids=[narrow.pk])
        long = to_france(body="a" * 1530)
        with pytest.raises(Unroutable) as refused:
            Router.read(organization.pk).check(long)
        assert refused.value.code == "TEXT_TOO_LONG"
        api.add(B, carrier_ids=[wide.pk])
        assert Router.read(organization.pk).check(long).segments == 10

    @pytest.mark.parametrize("countries", [None, ["FR"]])
    def test_pools_and_carriers_have_to_be_ones_own(
        self, organization, stranger, carrier, countries
    ):
        theirs = make_carrier(stranger.organization)
        mine = make_carrier(organization, countries=["US"])
        pool_id = stranger.add(A)

        def error(**fields) -> tuple[str, str]:
            with pytest.raises(Unroutable) as refused:
                Router.read(organization.pk, countries=countries).check(to_france(**fields))
            return refused.value.code, refused.value.field

        assert error(pool_id=pool_id) == ("VALIDATION_ERROR", "sender_pool_id")
        assert error(carrier_id=theirs.pk) == ("VALIDATION_ERROR", "carrier_id")
        assert error(carrier_id=mine.pk, sender="ACME") == ("NO_ROUTE", "to")


def test_nothing_is_chosen_by_instances(organization, carrier, choose, monkeypatch):
    """Rows are columns: a batch makes no model instances."""
    made = []
    monkeypatch.setattr(Credential, "from_db", lambda *row: made.append(row))
    monkeypatch.setattr(type(carrier), "from_db", lambda *row: made.append(row))
    assert senders(choose(to_france(sender="ACME"))) == ["ACME"]
    assert made == []


def test_pools_are_asked_once_a_country_however_many_messages_there_are(
    api, organization, monkeypatch
):
    """A thousand messages over fifty carriers with a hundred pools were five million questions."""
    carriers = [make_carrier(organization).id for _ in range(3)]
    for _ in range(4):
        api.add({"sender": "ACME", "countries": ["US"]}, carrier_ids=carriers)
    asked = []
    has_sender = selection._has_sender
    monkeypatch.setattr(
        selection, "_has_sender", lambda pool, to: asked.append(to) or has_sender(pool, to)
    )
    routes = Router.read(organization.pk)
    for number in range(100):
        with pytest.raises(Unroutable, match="^No sender pool of its carriers has a sender for "):
            routes.check(to_france(number))
    assert len(asked) == 3 * 4
