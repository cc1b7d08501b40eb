"""After any writes and choices, the next choice is the one that was previewed.

Random histories of one pool through the functions that the API calls: members come, go, change;
strategies change; messages go to numbers of several countries; some carriers come and go.
`ROUTING_CASES=1000` draws so many of them.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.countries import country_of
from messaging.numbers import SenderType
from messaging.pools import selectors, services
from messaging.pools.engine.eligibility import REFUSED
from messaging.pools.engine.values import Step, Strategy
from messaging.pools.models import SenderPool
from messaging.pools.serializers import MemberSerializer
from messaging.routing.previews import Preview, preview
from orbit.accounts.actors import SYSTEM
from tests.messaging.carriers.conftest import Api as Carriers
from tests.messaging.pools.conftest import roster, take_sender

SENDERS = (
    "+14155550100", "+12125550100", "+14165550100", "+33700000001", "+33700000002", "ACME", "Shop",
    "36179",
)  # fmt: skip
DESTINATIONS = (
    "+14155552671", "+13125552671", "+14165552671", "+33639980001", "+33639980002", "+80012345678",
)  # fmt: skip
COUNTRIES = ("US", "CA", "FR")
CASES = int(os.environ.get("ROUTING_CASES", "50"))

countries = st.lists(st.sampled_from(COUNTRIES), max_size=2, unique=True)
member = st.fixed_dictionaries(
    {
        "sender": st.sampled_from(SENDERS),
        "weight": st.sampled_from([1, 1, 2, 5, 100]),
        "countries": countries,
        "enabled": st.sampled_from([True, True, True, False]),
    }
).filter(lambda each: each["sender"] != "36179" or each["countries"])
lists = st.lists(member, max_size=6, unique_by=lambda each: each["sender"])
changes = st.fixed_dictionaries(
    {},
    optional={
        "strategy": st.sampled_from([each.value for each in Strategy]),
        "sticky": st.booleans(),
        "geo_match": st.booleans(),
        "members": lists,
    },
)
# Events: messages are sent, or a pool is written.
history = st.lists(
    st.tuples(st.sampled_from(DESTINATIONS), st.integers(1, 4)) | changes, min_size=2, max_size=12
)


@pytest.fixture
def carrier_id(organization) -> str:
    return Carriers(organization).add(countries=["*"])


@settings(max_examples=CASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=changes, history=history, destination=st.sampled_from(DESTINATIONS))
def test_the_next_choices_are_those_that_were_previewed(
    organization, carrier_id, first, history, destination
):
    fields = {"name": "Any", "carrier_ids": [carrier_id]} | validated(first)
    pool_id = services.create(by=SYSTEM, organization=organization, fields=fields).pk
    for event in history:
        if isinstance(event, dict):
            pool = selectors.lock(organization=organization, pool_id=pool_id)
            services.update(by=SYSTEM, pool=pool, fields=validated(event))
        else:
            number, count = event
            assert_true(read(organization, pool_id), number, count)
    assert_true(read(organization, pool_id), destination, 9)


def assert_true(pool: SenderPool, destination: str, count: int) -> None:
    """What is previewed is explained, within the rules, and comes."""
    named = preview(pool, destination, count=count)
    assert_explained(pool, named)
    assert preview(pool, destination, count=count) == named
    choices = [take_sender(roster(pool.pk), destination) for _ in range(count)]
    assert choices[0].member == named.choice.member
    assert choices[0].step == named.choice.step
    assert tuple(choice.member for choice in choices if choice.member) == named.next


def assert_explained(pool: SenderPool, named: Preview) -> None:
    rows = {row.pk: row for row in pool.members.all()}
    shown = [each.member.id for each in named.choice.candidates]
    assert shown == list(rows)  # each once, in the order of the pool
    may = {each.member.id for each in named.choice.candidates if each.reason and each.eligible}
    assert may == {pk for pk, row in rows.items() if may_send(row, country_of(named.destination))}
    assert {member.id for member in named.next} <= may
    assert bool(named.choice.member) == bool(may) == bool(named.choice.step)
    if not pool.sticky:
        assert named.choice.step is not Step.STICKY


def may_send(row: Any, country: str | None) -> bool:
    """Written down a second time."""
    return (
        row.enabled
        and (not row.countries or country in row.countries)
        and not (row.type == SenderType.ALPHANUMERIC and country in REFUSED)
    )


def validated(fields: dict[str, Any]) -> dict[str, Any]:
    """As the serializer passes it."""
    if "members" not in fields:
        return fields
    one = MemberSerializer()
    return fields | {"members": [one.run_validation(each) for each in fields["members"]]}


def read(organization, pool_id: str) -> SenderPool:
    with transaction.atomic():
        return selectors.find(organization=organization, pool_id=pool_id)
