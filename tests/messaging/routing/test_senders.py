"""Senders of messages: sticky ones, and those of pools that change."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.pools import sticky
from messaging.pools.engine.values import Step
from messaging.pools.models import StickySender
from messaging.pools.retention import prune_sticky_senders
from messaging.pools.sticky import StickyMapping
from messaging.routing.senders import look
from orbit.operations import retention
from tests.messaging.pools.conftest import FRANCE, A, B, C, members, roster, take_sender

pytestmark = pytest.mark.sqlite


def senders(pool, *destinations: str) -> list[str]:
    return [take_sender(pool, each).member.sender for each in destinations]


class TestSticky:
    @pytest.fixture
    def pool_id(self, api) -> str:
        return api.add(A, B, C, sticky=True, sticky_ttl_days=2)

    def test_a_destination_keeps_its_sender(self, api, pool_id):
        pool = roster(pool_id)
        numbers = [f"+3363998000{number}" for number in range(1, 6)]
        first = senders(pool, *numbers)
        assert first == [A, B, C, A, B]
        for _ in range(3):
            assert senders(pool, *numbers) == first
        assert take_sender(pool, numbers[0]).step is Step.STICKY

    def test_messages_that_keep_their_sender_take_no_turn(self, api, pool_id):
        pool = roster(pool_id)
        senders(pool, *[FRANCE] * 5)
        assert senders(pool, "+33639980002", "+33639980003") == [B, C]

    def test_they_count_as_use_for_the_least_recently_used(self, api):
        pool_id = api.add(A, B, C, sticky=True, strategy="least_recently_used")
        pool = roster(pool_id)
        assert senders(pool, "+33639980001", "+33639980002", "+33639980003") == [A, B, C]
        assert senders(pool, "+33639980001") == [A]
        assert senders(pool, "+33639980004") == [B]

    def test_it_moves_once_when_its_member_may_not_send_any_more(self, api, pool_id):
        assert senders(roster(pool_id), FRANCE) == [A]
        off = {"sender": A, "enabled": False}
        api.patch(f"/{pool_id}", {"members": [off, *members(B, C)]})
        assert senders(roster(pool_id), FRANCE, FRANCE) == [B, B]
        api.patch(f"/{pool_id}", {"members": members(A, B, C)})
        assert senders(roster(pool_id), FRANCE) == [B]
        assert StickySender.objects.count() == 1

    def test_it_ends_after_days_without_a_message_and_use_renews_it(self, api, pool_id):
        pool = roster(pool_id)
        start = timezone.now()
        assert senders(pool, FRANCE) == [A]
        for hours, expected in ((47, A), (94, A), (141, A), (190, B), (191, B)):
            with time_machine.travel(start + timedelta(hours=hours), tick=False):
                assert look(pool, FRANCE)[0].member.sender == expected
                assert senders(pool, FRANCE) == [expected]

    def test_destinations_do_not_share_it_nor_do_pools(self, api, pool_id):
        other = roster(api.add(C, sticky=True))
        pool = roster(pool_id)
        assert senders(pool, FRANCE) + senders(other, FRANCE) == [A, C]
        assert sticky.stored_members([(pool, "+33639980002")]) == {}

    def test_switched_off_it_is_not_asked_and_switched_on_again_it_is(self, api, pool_id):
        assert senders(roster(pool_id), FRANCE) == [A]
        api.patch(f"/{pool_id}", {"sticky": False})
        assert senders(roster(pool_id), FRANCE, FRANCE) == [B, C]
        api.patch(f"/{pool_id}", {"sticky": True})
        assert senders(roster(pool_id), FRANCE) == [A]

    def test_of_two_at_once_the_second_gets_the_first_ones(self, api, pool_id, monkeypatch):
        pool = roster(pool_id)
        keep = sticky.store_members

        def slow(*args, **options):
            monkeypatch.setattr(sticky, "store_members", keep)
            assert senders(pool, FRANCE) == [B]  # while the other one holds A
            return keep(*args, **options)

        monkeypatch.setattr(sticky, "store_members", slow)
        choice = take_sender(pool, FRANCE)
        assert (choice.member.sender, choice.step) == (B, Step.STICKY)
        assert senders(pool, FRANCE) == [B]

    def test_compare_and_set(self, api, pool_id):
        pool, place = roster(pool_id), (pool_id, FRANCE)
        one, two, three = (member["id"] for member in api.members(pool_id).values())

        def keep(member_id: str, instead_of: str | None = None) -> str:
            return sticky.store_members([StickyMapping(pool, FRANCE, member_id, instead_of)])[place]

        assert keep(one) == one
        assert keep(two) == one
        assert keep(two, instead_of=three) == one
        assert keep(two, instead_of=one) == two
        assert keep(two, instead_of=two) == two
        assert sticky.stored_members([(pool, FRANCE)]) == {place: two}

    def test_a_message_under_way_survives_its_pool(self, api, pool_id):
        """Its transaction must not fail at its end, so the database asks for no member."""
        pool = roster(pool_id)
        take_sender(pool, FRANCE)
        api.patch(f"/{pool_id}", {"members": members(C)})
        assert senders(pool, FRANCE) == [B]
        assert senders(roster(pool_id), FRANCE) == [C]

    def test_expired_ones_are_pruned(self, api, pool_id):
        pool = roster(pool_id)
        with time_machine.travel(timezone.now() - timedelta(days=3)):
            senders(pool, "+33639980002")
        senders(pool, FRANCE)
        assert "sticky_senders" in retention._pruners
        assert prune_sticky_senders() == 1
        assert StickySender.objects.get().destination == FRANCE


class TestChangesOfThePool:
    def test_a_new_member_does_not_start_the_cycle_anew(self, api):
        pool_id = api.add(A, B)
        assert senders(roster(pool_id), FRANCE) == [A]
        api.patch(f"/{pool_id}", {"members": members(A, B, C)})
        assert senders(roster(pool_id), *[FRANCE] * 5) == [B, C, A, B, C]

    def test_nor_does_one_that_goes(self, api):
        pool_id = api.add(A, B, C)
        assert senders(roster(pool_id), *[FRANCE] * 2) == [A, B]
        api.patch(f"/{pool_id}", {"members": members(B, C)})
        assert senders(roster(pool_id), *[FRANCE] * 3) == [C, B, C]

    def test_the_one_whose_turn_it_was_hands_it_on(self, api):
        pool_id = api.add(A, B, C)
        assert senders(roster(pool_id), FRANCE) == [A]
        off = {"sender": B, "enabled": False}
        api.patch(f"/{pool_id}", {"members": [*members(A), off, *members(C)]})
        assert senders(roster(pool_id), *[FRANCE] * 3) == [C, A, C]

    def test_what_was_previewed_after_the_change_comes(self, api):
        pool_id = api.add(A, B, C)
        senders(roster(pool_id), FRANCE)
        api.patch(f"/{pool_id}", {"members": members(C, B, "ACME"), "name": "Another"})
        named = api.preview(pool_id, count=7)["next"]
        assert senders(roster(pool_id), *[FRANCE] * 7) == named

    def test_countries_with_the_same_senders_share_a_cycle(self, api):
        pool_id = api.add(A, B, {"sender": C, "countries": ["BE"]})
        pool = roster(pool_id)
        belgium, germany = "+32470123456", "+4915123456789"
        assert senders(pool, FRANCE, germany, belgium, FRANCE) == [A, B, A, A]
        assert senders(pool, germany, belgium) == [B, B]
