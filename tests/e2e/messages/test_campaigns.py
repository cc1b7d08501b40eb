"""A campaign through the whole of it: CSV, beat, worker, Jasmin, carrier, and back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.e2e.messages.conftest import World, expire_claims
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

CAMPAIGNS = "/v1/campaigns"
RECIPIENTS, THROUGHPUT = 200, 40


def rows() -> list[tuple[str, str]]:
    return [(f"+336399{number:05}", f"Client {number}") for number in range(RECIPIENTS)]


def make(world: World, **fields: Any) -> str:
    """The path of a campaign to all `rows`, uploaded as CSV."""
    body = {
        "name": "Sale",
        "body": "Bonjour {{name}}",
        "sender_pool_id": world.pool("+33700000001"),
    }
    answer = world.api.post(CAMPAIGNS, body | fields)
    assert answer.status == 201, answer.body
    path = f"{CAMPAIGNS}/{answer.data['id']}"
    csv = "to,name\r\n" + "".join(f"{to},{name}\r\n" for to, name in rows())
    answer = world.api.call(
        "POST", f"{path}/recipients", csv.encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.data == {
        "accepted": RECIPIENTS,
        "rejected": [],
        "rejected_total": 0,
        "warnings": [],
    }
    return path


def act(world: World, path: str, action: str) -> None:
    answer = world.api.post(f"{path}/{action}")
    assert answer.status == 202, answer.body


@pytest.mark.slow("200 messages at 40 a second, and a start of a worker")
def test_everybody_gets_one_message_through_a_pause_and_a_killed_worker(world: World, site: Site):
    world.carrier("north", "FR", throughput=500)
    world.wait_until_bound()
    path = make(world, throughput=THROUGHPUT)
    site.start_beat(interval=30)

    act(world, path, "start")
    eventually(lambda: len(world.got("north")) > 50)
    act(world, path, "pause")
    becomes(lambda: world.api.get(path).data["progress"]["sending"], 0)
    paused_at = len(world.got("north"))
    assert paused_at < RECIPIENTS
    act(world, path, "resume")
    eventually(lambda: len(world.got("north")) > paused_at + 50)
    site.kill_worker()
    expire_claims()
    site.start_worker()

    becomes(lambda: world.api.get(path).data["status"], "completed", timeout=120)
    becomes(lambda: world.api.get(path).data["progress"]["delivered"], RECIPIENTS, timeout=60)
    got = Counter(
        (f"+{each.destination_addr.lstrip('+')}", each.text) for each in world.got("north")
    )
    assert got == Counter((to, f"Bonjour {name}") for to, name in rows())
    answer = world.api.get(f"{path}/messages", params={"limit": 1})
    assert answer.json["meta"]["pagination"]["total"] == RECIPIENTS
