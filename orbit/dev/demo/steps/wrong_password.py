"""A wrong password: named, and the carrier is not knocked at again and again."""

from __future__ import annotations

from typing import Any

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.manual_console import hands_on
from orbit.dev.demo.scene import Scene, is_bound
from orbit.dev.demo.simulated_carriers import Account, make_password

SYSTEM_ID = "mistyped"
REASON = "ESME_RINVPASWD"
MOST_KNOCKS = 3


def is_named(scene: Scene) -> str:
    screen, carrier = scene.screen, scene.site.carriers["south"]
    carrier.add_account(SYSTEM_ID)
    answer = scene.add_credential(carrier, Account(SYSTEM_ID, make_password()), name="Mistyped")
    credential_id = answer.data["id"]
    screen.answer(answer, {"id": credential_id, "bind": answer.data["bind"]["state"]})
    credential = scene.wait_for_credential(credential_id, _says_why, f"{REASON} in bind.error")
    screen.say(f"bind.error: {credential['bind']['error']}")
    knocks = _knocks_until_it_rests(scene)
    others = all(is_bound(scene.api.credential(each.credential_id)) for each in _others(scene))
    check(others, "a credential that has nothing to do with it is not bound")
    screen.done(
        f"{carrier.name} was knocked at {knocks} times (at most {MOST_KNOCKS}); the next trial "
        "comes later and later, up to 15 minutes. The others stay bound."
    )
    answer = scene.send("DELETE", f"/messaging/smpp/credentials/{credential_id}", expect=204)
    screen.answer(answer)
    return f"{REASON} named; knocked {knocks} times, then no more"


def _says_why(credential: dict[str, Any]) -> bool:
    return REASON in (credential["bind"]["error"] or "")


def _knocks_until_it_rests(scene: Scene) -> int:
    """Bind attempts that the carrier has seen when Jasmin's connector is stopped."""
    with hands_on(scene.site.jasmin) as hands:
        cid = hands.accounts()[SYSTEM_ID]
        wait_for(hands.rows, lambda rows: not rows[cid].running, "the stop of the connector")
    knocks = scene.site.carriers["south"].counts(SYSTEM_ID)["bind_attempts"]
    check(1 <= knocks <= MOST_KNOCKS, f"the carrier was knocked at {knocks} times")
    return knocks


def _others(scene: Scene) -> list[Any]:
    return list(scene.trunks.values())
