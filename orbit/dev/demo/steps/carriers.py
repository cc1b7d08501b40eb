"""Step: three carriers and a credential for each, posted to the API and bound in Jasmin."""

from __future__ import annotations

import time

from orbit.dev.demo.bind_times import Posted, Times, until_bound
from orbit.dev.demo.checks import check
from orbit.dev.demo.manual_console import ManualConsole, open_manual_console
from orbit.dev.demo.scene import AddedCredential, Scene
from orbit.dev.demo.simulated_carriers import Carrier

SYSTEM_ID = "acme"


def connect(scene: Scene) -> str:
    with open_manual_console(scene.site.jasmin) as jcli:
        times = [_connect(scene, jcli, carrier) for carrier in scene.site.carriers.values()]
    slowest = max(each.in_jasmin for each in times)
    return f"all bound, at most {slowest:.2f} s after the POST"


def _connect(scene: Scene, jcli: ManualConsole, carrier: Carrier) -> Times:
    screen = scene.screen
    account = carrier.add_account(SYSTEM_ID)
    screen.say(f"{carrier.name} listens on {carrier.host}:{carrier.port}")
    before = set(jcli.rows())
    at = time.perf_counter()
    answer = scene.add_credential(carrier, account)
    made = answer.data
    screen.answer(
        answer,
        {"id": made["id"], "sync": made["sync"]["state"], "bind": made["bind"]["state"]},
    )
    posted = Posted(made["id"], account.system_id, at)
    (times,) = until_bound(scene.api, jcli, [posted], before=before)
    screen.done(
        f"BOUND_TRX in Jasmin {times.in_jasmin:.2f} s after the POST was sent; "
        f"the API says bound after {times.in_api:.2f} s"
    )
    check(carrier.counts(SYSTEM_ID)["live_binds"] == 1, f"{carrier.name} has no bind, or several")
    scene.credentials[carrier.key] = AddedCredential(carrier, account, made["id"])
    return times
