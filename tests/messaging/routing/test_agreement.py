"""Preview, `GET …/routes`, the check at POST and the router give one answer.

Random organisations and messages. `ROUTING_CASES=10000` draws so many; without it some.
"""

from __future__ import annotations

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.carriers.ranking import RouteCandidate
from messaging.pools import counters
from messaging.routing.previews import Preview, preview
from messaging.routing.representation import explained, previewed
from messaging.routing.router import Router
from messaging.routing.values import NO_ROUTE, NO_SENDER, Route, RouteRequest, Unroutable, Waiting
from messaging.smpp.protocol.segmentation import encode
from tests.messaging.routing.organisations import Made, make, messages, organisations

CASES = int(os.environ.get("ROUTING_CASES", "50"))

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


class Undo(Exception):
    pass


@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
@given(drawn=organisations, batch=st.lists(messages, min_size=1, max_size=3))
def test_all_who_are_asked_say_the_same(organization, drawn, batch):
    try:
        with transaction.atomic():
            made = make(organization, drawn)
            counters._counters.cache_clear()
            agree(made, [made.wanted(each) for each in batch])
            raise Undo
    except Undo:
        pass


def agree(made: Made, batch: list[RouteRequest]) -> None:
    """One by one, and then all in one batch as the router takes them."""
    routes = Router.read(made.organization.pk)
    accepted = [wanted for wanted in batch if agree_on(made, routes, wanted) is None]
    answers = routes.choose(accepted, usable=bound(routes), room=room(made))
    for wanted, answer in zip(accepted, answers, strict=True):
        assert not isinstance(answer, Unroutable), "it was accepted"
        if isinstance(answer, Route):
            assert answer.text == encode(wanted.body, answer.carrier.gsm_data_coding)


def agree_on(made: Made, routes: Router, wanted: RouteRequest) -> Unroutable | None:
    """Returns why it is refused."""
    refused, named = check(made, wanted), _preview(made, wanted)
    order = routes.order(
        country=wanted.country, carrier_id=wanted.carrier_id, pool_id=wanted.pool_id
    )
    agree_with_routes(made, wanted, order, refused)
    if named and not wanted.sender:
        agree_with(named, refused)
    if refused and not wanted.sender:
        # The router says the same, were all carriers bound.
        every = {each.pk for each in made.carriers}
        (anyhow,) = routes.choose([wanted], usable=every, room=room(made))
        assert (anyhow.code, anyhow.message) == (refused.code, refused.message)
    if refused:
        return refused
    (now,) = routes.choose([wanted], usable=bound(routes), room=room(made))
    if now is Waiting.UNBOUND:
        assert not wanted.sender or not any(each.bound and fits(wanted, each) for each in order)
    else:
        assert isinstance(now, Route)
        assert now.carrier.bound
    if isinstance(now, Route) and wanted.sender:
        assert now.sender == wanted.sender
    elif isinstance(now, Route) and named and fits(wanted, named.carrier):
        # The sender was looked at before the turn was taken, and it came.
        assert (now.carrier.id, now.sender) == (named.carrier.id, named.choice.member.sender)
    return None


def agree_with_routes(
    made: Made, wanted: RouteRequest, order: list[RouteCandidate], refused: Unroutable | None
) -> None:
    """`GET …/routes` has every carrier that the message may take, in the same order."""
    shown = explained(made.organization.pk, wanted.to)
    listed = {each["id"]: each["bound"] for each in shown["carriers"]}
    mine = {each.id: each.bound for each in order}
    assert list(mine.items()) == [each for each in listed.items() if each[0] in mine]
    if not wanted.pool_id and not wanted.carrier_id:
        assert mine == listed
        if not listed and made.carriers:
            assert refused.message in shown["note"]


def agree_with(named: Preview, refused: Unroutable | None) -> None:
    """The preview of the message's pool, which does not know its text."""
    answer = previewed(named)
    if refused and refused.code in (NO_ROUTE, NO_SENDER):
        assert refused.message in answer["note"]
        assert refused.code in answer["note"]
        assert (named.refusal.code, named.refusal.field) == (refused.code, refused.field)
    else:
        assert named.refusal is None
        assert answer["carrier"]
        assert answer["selected"]
    assert (answer["carrier"] is None) == (bool(refused) and refused.code == NO_ROUTE)


def _preview(made: Made, wanted: RouteRequest) -> Preview | None:
    pool = next((each for each in made.pools if each.pk == wanted.pool_id), None)
    return preview(pool, wanted.to, carrier_id=wanted.carrier_id) if pool else None


def check(made: Made, wanted: RouteRequest) -> Unroutable | None:
    """As at POST, which reads the carriers of the country alone."""
    try:
        Router.read(made.organization.pk, countries=[wanted.country]).check(wanted)
    except Unroutable as error:
        return error
    return None


def bound(routes: Router) -> set[str]:
    found = [each for country in ("US", "CA", "FR", "") for each in routes.order(country=country)]
    return {each.id for each in found if each.bound}


def room(made: Made) -> dict[str, int]:
    return {each.credential_id: 100 for each in made.carriers}


def fits(wanted: RouteRequest, carrier: RouteCandidate) -> bool:
    try:
        return bool(encode(wanted.body, carrier.gsm_data_coding))
    except ValueError:
        return False
