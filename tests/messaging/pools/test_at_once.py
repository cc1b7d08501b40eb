"""Carriers are deleted and pools changed during other writes: one of the two fails or waits."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from messaging.carriers.models import Carrier
from messaging.pools.models import PoolMember, StickySender
from messaging.routing import senders
from tests.factories import make_organization
from tests.messaging.at_once import at_once, statuses
from tests.messaging.pools.conftest import FRANCE, A, B, C, members, roster, stored, take_sender

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
ROUNDS = 5


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other threads have to see them."""
    return make_organization()


def test_a_deleted_carrier_has_no_pool(api, carriers):
    for _ in range(ROUNDS):
        carrier_id = carriers.add()
        calls = [
            lambda carrier_id=carrier_id: api.post(
                "", {"name": "New", "carrier_ids": [carrier_id]}
            ),
            lambda path=f"/{carrier_id}": carriers.delete(path),
        ]
        made, gone = at_once(2, lambda number, calls=calls: calls[number]())

        outcome = (made.status_code, gone.status_code)
        assert outcome in {(201, 409), (422, 204)}
        assert Carrier.objects.filter(pk=carrier_id).exists() == (outcome == (201, 409))


def test_lists_that_replace_each_other_leave_one_of_them(api):
    pool_id = api.add(A)
    lists = [members(A, B), members(B, C), members(C), members(A, B, C)]
    answers = at_once(4, lambda number: api.patch(f"/{pool_id}", {"members": lists[number]}))

    assert statuses(answers) == {200: 4}
    left = list(api.members(pool_id))
    assert left in [[member["sender"] for member in wanted] for wanted in lists]
    assert stored(pool_id).version == 5


def test_one_of_two_deletions_finds_it(api):
    pool_id = api.add(A)
    answers = at_once(2, lambda number: api.delete(f"/{pool_id}"))
    assert statuses(answers) == {204: 1, 404: 1}
    assert PoolMember.objects.count() == 0


def test_a_destination_gets_one_sender_from_all_who_ask_at_once(api):
    pool = roster(api.add(A, B, C, sticky=True))
    for _ in range(ROUNDS):
        StickySender.objects.all().delete()
        found = at_once(6, lambda number: take_sender(pool, FRANCE).member.sender)
        assert len(set(found)) == 1, found
        assert StickySender.objects.count() == 1


def test_workers_with_the_same_destinations_in_any_order_agree_on_their_senders(api):
    """Each writes its batch in one transaction: they wait for each other, in one order."""
    pool = roster(api.add(A, B, C, sticky=True))
    numbers = [f"+3363998{number:04}" for number in range(40)]

    def take(worker: int) -> dict[str, str]:
        mine = random.Random(worker).sample(numbers, len(numbers))
        with transaction.atomic():
            choices = senders.take([(pool, number) for number in mine])
        return {number: choice.member.sender for number, choice in zip(mine, choices, strict=True)}

    for _ in range(ROUNDS):
        StickySender.objects.all().delete()
        first, *others = at_once(4, take)
        assert all(each == first for each in others)
        assert StickySender.objects.count() == len(numbers)
