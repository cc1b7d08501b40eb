"""Recipients without a bound carrier hold up neither the others of their campaign nor other ones.

With a throughput of 50 a campaign may have 100 messages that wait.
"""

from __future__ import annotations

import pytest

from messaging.messages.models import Message
from tests.messaging.campaigns.conftest import leave, numbers, stored
from tests.messaging.messages.dispatch.conftest import bind, make_carrier, make_pool

pytestmark = pytest.mark.sqlite

AMERICANS = [f"+14155550{number:03}" for number in range(200)]


def made(campaign_id: str, country: str) -> int:
    return Message.objects.filter(campaign=campaign_id, country=country).count()


def americans_leave(campaign_id: str) -> None:
    for_them = Message.objects.filter(campaign=campaign_id, country="US", status="queued")
    for_them.update(status="sent", sent_at=for_them.values("created_at")[:1])


@pytest.fixture
def carriers(organization):
    """France's is away, America's is bound."""
    return (
        make_carrier(organization, "france", bound=False, countries=["FR"]),
        make_carrier(organization, "america", countries=["US"]),
    )


def test_those_behind_a_carrier_that_is_away_are_made(api, later, carriers):
    campaign_id = api.started(*numbers(300), *AMERICANS, throughput=50)
    for _ in range(20):
        later()
        americans_leave(campaign_id)
    assert (made(campaign_id, "FR"), made(campaign_id, "US")) == (300, 200)


def test_not_faster_than_the_throughput(api, later, carriers):
    campaign_id = api.started(*numbers(300), *AMERICANS, throughput=50)
    for beats in range(1, 10):
        later()
        assert stored(campaign_id).fed <= 50 * beats


def test_those_who_can_be_reached_are_held_back_by_what_waits_for_their_carrier(
    api, later, carriers
):
    campaign_id = api.started(*numbers(150), *AMERICANS, throughput=50)
    for _ in range(20):
        later()
    assert (made(campaign_id, "FR"), made(campaign_id, "US")) == (150, 100)


def test_while_all_carriers_are_away_it_stands_still(api, later, carriers):
    bind(carriers[1], "unbound")
    campaign_id = api.started(*numbers(300), *AMERICANS, throughput=50)
    for _ in range(5):
        later()
    assert stored(campaign_id).fed == 100
    bind(carriers[0], "bound")
    leave(campaign_id)
    later()
    assert stored(campaign_id).fed == 200


def test_a_carrier_that_the_pool_is_not_attached_to_moves_nothing(
    api, later, organization, carriers
):
    api.pool_id = make_pool(organization, "+33700000001", carriers=carriers[:1]).pk
    campaign_id = api.started(*numbers(300), *AMERICANS, throughput=50)
    for _ in range(5):
        later()
    assert stored(campaign_id).fed == 100


def test_another_carrier_of_the_country_takes_what_waits(api, later, organization, carriers):
    """What it can take counts again."""
    make_carrier(organization, "anywhere", countries=["*"])
    campaign_id = api.started(*numbers(300), throughput=50)
    for _ in range(5):
        later()
    assert stored(campaign_id).fed == 100


def test_another_campaign_goes_on(api, later, carriers):
    api.started(*numbers(300), throughput=50)
    other = api.started(*AMERICANS, throughput=50)
    for _ in range(3):
        later()
        americans_leave(other)
    assert made(other, "US") == 150
