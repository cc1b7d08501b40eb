"""The carrier changes a password: a rotation that asks it first."""

from __future__ import annotations

from orbit.dev.demo.checks import check
from orbit.dev.demo.manual_console import BOUND, hands_on
from orbit.dev.demo.scene import Scene, Trunk, is_bound
from orbit.dev.demo.simulated_carriers import make_password


def rotate(scene: Scene) -> str:
    trunk = scene.trunks["north"]
    _verified(scene, trunk)
    _refused(scene, trunk)
    return "verified, then switched; a wrong one refused"


def _verified(scene: Scene, trunk: Trunk) -> None:
    screen, carrier = scene.screen, trunk.carrier
    screen.say(f"{carrier.name} sets a new password on its side. Then:")
    trunk.account = carrier.change_password(trunk.account.system_id)
    body = {"password": trunk.account.password}
    answer = scene.send("POST", f"{trunk.path}/rotate", body, expect=200)
    verification = answer.data["verification"]
    screen.answer(answer, {"verification": verification})
    check(verification["result"] == "bound", "the trial bind with the new password was not bound")
    scene.wait_for_credential(trunk.credential_id, is_bound, "bound with the new password")
    with hands_on(scene.site.jasmin) as hands:
        cid = hands.ports()[str(carrier.port)]
        check(hands.settings(cid)["password"] == trunk.account.password, "Jasmin has the old one")
        check(hands.rows()[cid].session == BOUND, "Jasmin does not list it as bound")
    check(carrier.counts(trunk.account.system_id)["live_binds"] == 1, "no live bind there")
    screen.done("a trial bind proved it, the connector was switched to it and is bound")


def _refused(scene: Scene, trunk: Trunk) -> None:
    screen, carrier = scene.screen, trunk.carrier
    before = scene.api.get(trunk.path)
    screen.say("A password that the carrier does not know:")
    wrong = {"password": make_password()}
    code = "BIND_VERIFICATION_FAILED"
    answer = scene.send("POST", f"{trunk.path}/rotate", wrong, expect=422, code=code)
    status = answer.error["details"]["smpp_status"]
    screen.answer(answer, {"code": code, "smpp_status": status})
    check(status["name"] == "ESME_RINVPASWD", f"the reason given is {status['name']}")
    after = scene.api.get(trunk.path)
    check(after.headers["ETag"] == before.headers["ETag"], "the credential has changed")
    check(is_bound(after.data), "it is not bound any more")
    check(carrier.counts(trunk.account.system_id)["live_binds"] == 1, "the live bind has gone")
    screen.done("nothing was changed (the ETag is the same), and it is still bound")
