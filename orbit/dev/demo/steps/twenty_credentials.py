"""Step: measure how soon credentials are bound, twenty one by one and twenty at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from orbit.dev.demo.api import CREDENTIALS
from orbit.dev.demo.bind_times import Posted, Times, percentile, until_bound
from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.manual_console import ManualConsole, open_manual_console
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.simulated_carriers import Account

HOW_MANY = 20
AIM = 1.0  # seconds, p95 from the POST to BOUND_TRX


def measure(scene: Scene) -> str:
    screen, carrier = scene.screen, scene.site.carriers["north"]
    accounts = [carrier.add_account(f"trunk-{number:02}") for number in range(2 * HOW_MANY)]
    with open_manual_console(scene.site.jasmin) as jcli:
        screen.request("POST", f"/v1{CREDENTIALS}", _body(scene, accounts[0]))
        screen.say(f"and {HOW_MANY - 1} others, each when the one before it is bound")
        one_by_one = _one_by_one(scene, jcli, accounts[:HOW_MANY])
        screen.say(f"and {HOW_MANY} more, posted without waiting for anything")
        at_once = _at_once(scene, jcli, accounts[HOW_MANY:])
        screen.table(
            ("posted", "seconds until", "p50", "p95", "max"),
            [
                _row("one by one", "BOUND_TRX in Jasmin", [t.in_jasmin for t in one_by_one]),
                _row("", '"bound" in the API', [t.in_api for t in one_by_one]),
                _row("all at once", "BOUND_TRX in Jasmin", [t.in_jasmin for t in at_once]),
                _row("", '"bound" in the API', [t.in_api for t in at_once]),
            ],
        )
        p95 = percentile([times.in_jasmin for times in one_by_one], 0.95)
        verdict = "met" if p95 < AIM else "MISSED"
        aim = f"p95 under {AIM:.0f} s one by one"
        screen.done(f"all {2 * HOW_MANY} are bound; the aim, {aim}, is {verdict}")
        _delete(scene, jcli, accounts)
    return f"POST → BOUND_TRX: p95 {p95:.2f} s one by one; aim under {AIM:.0f} s: {verdict}"


def _one_by_one(scene: Scene, jcli: ManualConsole, accounts: Sequence[Account]) -> list[Times]:
    times = []
    for place, account in enumerate(accounts, start=1):
        scene.screen.waiting(f"{place} of {len(accounts)}")
        before = set(jcli.rows())
        posted = _post(scene, account)
        times += until_bound(scene.api, jcli, [posted], before=before)
    scene.screen.waited()
    return times


def _at_once(scene: Scene, jcli: ManualConsole, accounts: Sequence[Account]) -> list[Times]:
    scene.screen.waiting(f"{len(accounts)} at once")
    before = set(jcli.rows())
    posted = [_post(scene, account) for account in accounts]
    times = until_bound(scene.api, jcli, posted, before=before)
    scene.screen.waited()
    return times


def _body(scene: Scene, account: Account) -> dict[str, Any]:
    carrier = scene.site.carriers["north"]
    return {
        "host": carrier.host,
        "port": carrier.port,
        "system_id": account.system_id,
        "password": account.password,
    }


def _post(scene: Scene, account: Account) -> Posted:
    body = _body(scene, account)
    at = time.perf_counter()
    answer = scene.api.send("POST", CREDENTIALS, body)
    check(answer.status == 201, f"POST of {account.system_id} answers {answer.status}")
    return Posted(answer.data["id"], account.system_id, at)


def _delete(scene: Scene, jcli: ManualConsole, accounts: Sequence[Account]) -> None:
    """Delete the credentials of this step, and wait until they have left Jasmin."""
    screen, names = scene.screen, {account.system_id for account in accounts}
    ours = [each for each in scene.api.credentials() if each["system_id"] in names]
    screen.request("DELETE", f"/v1{CREDENTIALS}/{ours[0]['id']}")
    screen.say(f"and the other {len(ours) - 1}")
    begun = time.perf_counter()
    for credential in ours:
        answer = scene.api.send("DELETE", f"{CREDENTIALS}/{credential['id']}")
        check(answer.status == 204, f"DELETE of {credential['name']} answers {answer.status}")
    screen.waiting("until they have left Jasmin …")
    wait_for(jcli.accounts, lambda left: not names & left.keys(), "the end of the connectors")
    screen.waited()
    screen.done(f"all {len(ours)} have left Jasmin {time.perf_counter() - begun:.1f} s later")


def _row(how: str, what: str, seconds: Sequence[float]) -> tuple[str, ...]:
    shares = (percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds))
    return (how, what, *(f"{share:.2f}" for share in shares))
