"""Step: a wrong password is named as the reason, and the carrier sees only a few bind attempts."""

from __future__ import annotations

from typing import Any

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.manual_console import open_manual_console
from orbit.dev.demo.scene import Scene, is_bound
from orbit.dev.demo.simulated_carriers import Account, make_password

SYSTEM_ID = "mistyped"
REASON = "ESME_RINVPASWD"
MOST_ATTEMPTS = 3


def is_named(scene: Scene) -> str:
    screen, carrier = scene.screen, scene.site.carriers["south"]
    carrier.add_account(SYSTEM_ID)
    answer = scene.add_credential(carrier, Account(SYSTEM_ID, make_password()), name="Mistyped")
    credential_id = answer.data["id"]
    screen.answer(answer, {"id": credential_id, "bind": answer.data["bind"]["state"]})
    credential = scene.wait_for_credential(credential_id, _says_why, f"{REASON} in bind.error")
    screen.say(f"bind.error: {credential['bind']['error']}")
    attempts = _attempts_until_it_stops(scene)
    others = all(is_bound(scene.api.credential(each.credential_id)) for each in _others(scene))
    check(others, "a credential that has nothing to do with it is not bound")
    screen.done(
        f"{carrier.name} saw {attempts} bind attempts (at most {MOST_ATTEMPTS}); the next ones "
        "come ever later, up to 15 minutes apart. The others stay bound."
    )
    answer = scene.send("DELETE", f"/messaging/smpp/credentials/{credential_id}", expect=204)
    screen.answer(answer)
    return f"{REASON} named; {attempts} bind attempts, then a pause"


def _says_why(credential: dict[str, Any]) -> bool:
    return REASON in (credential["bind"]["error"] or "")


def _attempts_until_it_stops(scene: Scene) -> int:
    """Wait until Jasmin's connector is stopped; returns the bind attempts at the carrier."""
    with open_manual_console(scene.site.jasmin) as jcli:
        cid = jcli.accounts()[SYSTEM_ID]
        wait_for(jcli.rows, lambda rows: not rows[cid].running, "the stop of the connector")
    attempts = scene.site.carriers["south"].counts(SYSTEM_ID)["bind_attempts"]
    check(1 <= attempts <= MOST_ATTEMPTS, f"the carrier saw {attempts} bind attempts")
    return attempts


def _others(scene: Scene) -> list[Any]:
    return list(scene.credentials.values())
