"""Three carriers, a credential for each: posted to the API, bound in Jasmin."""

from __future__ import annotations

import time

from orbit.dev.demo.bind_times import Posted, Times, until_bound
from orbit.dev.demo.checks import check
from orbit.dev.demo.manual_console import Hands, hands_on
from orbit.dev.demo.scene import Scene, Trunk
from orbit.dev.demo.simulated_carriers import Carrier

SYSTEM_ID = "acme"


def connect(scene: Scene) -> str:
    with hands_on(scene.site.jasmin) as hands:
        times = [_connect(scene, hands, carrier) for carrier in scene.site.carriers.values()]
    slowest = max(each.in_jasmin for each in times)
    return f"all bound, at most {slowest:.2f} s after the POST"


def _connect(scene: Scene, hands: Hands, carrier: Carrier) -> Times:
    screen = scene.screen
    account = carrier.add_account(SYSTEM_ID)
    screen.say(f"{carrier.name} listens on {carrier.host}:{carrier.port}")
    before = set(hands.rows())
    at = time.perf_counter()
    answer = scene.add_credential(carrier, account)
    made = answer.data
    screen.answer(
        answer,
        {"id": made["id"], "sync": made["sync"]["state"], "bind": made["bind"]["state"]},
    )
    posted = Posted(made["id"], account.system_id, at)
    (times,) = until_bound(scene.api, hands, [posted], before=before)
    screen.done(
        f"BOUND_TRX in Jasmin {times.in_jasmin:.2f} s after the POST was sent; "
        f"the API says bound after {times.in_api:.2f} s"
    )
    check(carrier.counts(SYSTEM_ID)["live_binds"] == 1, f"{carrier.name} has no bind, or several")
    scene.trunks[carrier.key] = Trunk(carrier, account, made["id"])
    return times
