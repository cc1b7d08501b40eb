"""Several binds of a credential, from a write at the API to the carrier."""

from __future__ import annotations

import pytest

from reconciler.gateway_api import CAPABILITIES
from reconciler.models import BindChange
from tests.e2e.api import CREDENTIALS, Api
from tests.e2e.waiting import becomes, eventually

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif("binds" not in CAPABILITIES, reason="the launcher makes one bind"),
]

PASSWORD = "s3cr;t#"


def binds(api: Api, credential: dict) -> tuple[str, str, int, int]:
    row = api.read(credential["id"])
    return row["sync"]["state"], row["bind"]["state"], row["bind"]["bound"], row["bind"]["of"]


def test_three_binds_come_up_and_move_to_another_host_without_a_gap(api, gateway, make_smsc):
    here, there = make_smsc(), make_smsc(host="127.0.0.2")
    accounts = [each.add_system("acme", PASSWORD) for each in (here, there)]
    made = api.add(port=here.port, system_id="acme", password=PASSWORD, binds=3)
    becomes(lambda: binds(api, made), ("synced", "bound", 3, 3))
    assert {each["host"] for each in api.read(made["id"])["bind"]["sessions"]} == {"127.0.0.1"}

    place = {"host": "127.0.0.2", "port": there.port}
    api.patch(f"{CREDENTIALS}/{made['id']}", place)
    least = 3

    def moved() -> bool:
        nonlocal least
        live = [each.live_binds for each in accounts]
        least = min(least, sum(live))
        return live == [0, 3]

    eventually(moved)
    assert least >= 2  # one at a time, and what one carrier has not ended yet counts with it
    becomes(lambda: binds(api, made), ("synced", "bound", 3, 3))
    becomes(
        lambda: [each["host"] for each in api.read(made["id"])["bind"]["sessions"]],
        ["127.0.0.2"] * 3,
    )
    states = BindChange.objects.filter(credential=made["id"]).values_list("state", flat=True)
    assert "unbound" not in states
    assert list(states).count("bound") == 1


def test_a_carrier_that_takes_two_of_four_says_so_and_they_work(api, gateway, smsc):
    smsc.add_system("acme", PASSWORD, faults=["already-bound:2"])

    made = api.add(port=smsc.port, system_id="acme", password=PASSWORD, binds=4)

    said = "the carrier takes 2 of the 4 binds: set `binds` to 2 or ask it for more"
    becomes(lambda: api.read(made["id"])["bind"]["error"], said)
    assert binds(api, made) == ("synced", "bound", 2, 4)
    api.patch(f"{CREDENTIALS}/{made['id']}", {"binds": 2})
    becomes(lambda: (binds(api, made)[2:], api.read(made["id"])["bind"]["error"]), ((2, 2), None))
