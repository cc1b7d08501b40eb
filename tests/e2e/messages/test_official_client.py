"""A hundred messages as the official client sends them: senders as previewed, webhooks verified."""

from __future__ import annotations

from collections import Counter

import pytest
from orbit_sdk import OrbitClient

from tests.e2e.messages.conftest import AMERICA, BRITAIN, FRANCE, GERMANY, POOLS, World, all_over
from tests.e2e.waiting import becomes
from tests.factories import make_api_key
from tests.fixtures.site import Site
from tests.messaging.webhooks.server import serving

pytestmark = pytest.mark.stack

EACH = 25
# carrier: its country, a number there, the senders of its pool
CARRIERS = {
    "paris": ("FR", FRANCE, ("+33700000001", "+33700000002", "+33700000003")),
    "york": ("US", AMERICA, ("+14155550001", "+14155550002")),
    "berlin": ("DE", GERMANY, ("ACME",)),
    "leeds": ("GB", BRITAIN, ("+447400000001", "+447400000002", "ACME")),
}


def test_a_hundred_messages_to_four_countries(world: World, site: Site, organization) -> None:
    pools = {}
    for name, (country, _, senders) in CARRIERS.items():
        carrier = world.carrier(name, country, throughput=500)
        pools[name] = world.pool(*senders, carrier_ids=[carrier])
    world.wait_until_bound()
    previewed = {name: preview(world, pools[name], CARRIERS[name][1]) for name in CARRIERS}
    client = OrbitClient.from_api_key(
        make_api_key(organization).secret, base_url=f"{site.base_url}/v1"
    )

    with serving() as server:
        events = ["message.sent", "message.delivered"]
        secret = client.request(
            "POST", "/webhooks", json_body={"url": server.url, "events": events}
        )["data"]["signing_secret"]
        sent = {name: [] for name in CARRIERS}
        for number in range(EACH):
            for name, (_, to, _) in CARRIERS.items():
                answer = client.messages.send_sms(to=to, body=f"{name} {number}")
                sent[name].append(answer["data"]["id"])
        all_over()

        for name, ids in sent.items():
            messages = [client.messages.get(each)["data"] for each in ids]
            assert {each["status"] for each in messages} == {"delivered"}
            assert [each["from"] for each in messages] == previewed[name]
            got = {each.text: each.source_addr.lstrip("+") for each in world.got(name)}
            assert got == {each["body"]: each["from"].lstrip("+") for each in messages}, (
                f"what {name} got"
            )
        becomes(lambda: len(server.posts), 2 * EACH * len(CARRIERS))
        told = [post.verified(secret) for post in server.posts]

    assert Counter(each["type"] for each in told) == dict.fromkeys(events, EACH * len(CARRIERS))
    everything = {each for ids in sent.values() for each in ids}
    for type_ in events:
        assert {e["data"]["message_id"] for e in told if e["type"] == type_} == everything


def preview(world: World, pool_id: str, to: str) -> list[str]:
    answer = world.api.get(f"{POOLS}/{pool_id}/preview", params={"destination": to, "count": EACH})
    return answer.data["next"]
