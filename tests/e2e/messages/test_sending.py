"""Messages through the whole of it: API, worker, Jasmin, carrier, and back."""

from __future__ import annotations

import pytest

from tests.e2e.messages.conftest import AMERICA, FRANCE, World
from tests.e2e.waiting import becomes

pytestmark = pytest.mark.stack


def test_a_message_goes_out_once_and_is_delivered(world: World):
    world.carrier("north", "FR")
    world.wait_until_bound()

    message = world.send(sender="ACME", body="salut €")

    becomes(lambda: world.read(message)["status"], "delivered")
    (submit,) = world.got("north")
    assert (submit.source_addr, submit.text) == ("ACME", "salut €")
    assert world.read(message)["provider_id"] == submit.message_id
    # The gateway of the test before was another process: then there is a second attempt.
    assert list(dict.fromkeys(each["status"] for each in world.read(message)["events"])) == [
        "queued",
        "sending",
        "sent",
        "delivered",
    ]


def test_countries_take_their_carriers_and_senders_their_turns(world: World):
    north, south = world.carrier("north", "FR"), world.carrier("south", "US")
    world.wait_until_bound()
    pool = world.pool("+33700000001", "+33700000002", carrier_ids=[north])
    world.pool("+14155550001", carrier_ids=[south])

    sent = [world.send(to=to, body=f"{to} {n}") for n in range(4) for to in (FRANCE, AMERICA)]

    for message in sent:
        becomes(lambda of=message: world.read(of)["status"], "delivered")
    french = [world.read(message) for message in sent[::2]]
    assert {each["sender_pool_id"] for each in french} == {pool}
    assert sorted(each["from"] for each in french) == ["+33700000001"] * 2 + ["+33700000002"] * 2
    assert len(world.got("north")) == len(world.got("south")) == 4


def test_while_the_first_carrier_is_down_the_next_one_takes_it(world: World):
    world.carrier("first", "FR")
    world.carrier("second", "FR", "US")
    world.wait_until_bound()
    world.smsc.system("first").faults = ["bind-fail"]
    world.smsc.drop_binds("first")

    message = world.send(sender="ACME")

    becomes(lambda: world.read(message)["status"], "delivered")
    assert [len(world.got(name)) for name in ("first", "second")] == [0, 1]
    assert world.read(message)["carrier_id"] == world.carriers["second"]["id"]
