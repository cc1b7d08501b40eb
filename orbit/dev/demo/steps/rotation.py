"""Step: the carrier changes a password; a rotation verifies the new one with a trial bind."""

from __future__ import annotations

from orbit.dev.demo.checks import check
from orbit.dev.demo.manual_console import BOUND, open_manual_console
from orbit.dev.demo.scene import AddedCredential, Scene, is_bound
from orbit.dev.demo.simulated_carriers import make_password


def rotate(scene: Scene) -> str:
    credential = scene.credentials["north"]
    _verified(scene, credential)
    _refused(scene, credential)
    return "verified, then switched; a wrong one refused"


def _verified(scene: Scene, credential: AddedCredential) -> None:
    screen, carrier = scene.screen, credential.carrier
    screen.say(f"{carrier.name} sets a new password on its side. Then:")
    credential.account = carrier.change_password(credential.account.system_id)
    body = {"password": credential.account.password}
    answer = scene.send("POST", f"{credential.path}/rotate", body, expect=200)
    verification = answer.data["verification"]
    screen.answer(answer, {"verification": verification})
    check(verification["result"] == "bound", "the trial bind with the new password was not bound")
    scene.wait_for_credential(credential.credential_id, is_bound, "bound with the new password")
    with open_manual_console(scene.site.jasmin) as jcli:
        cid = jcli.ports()[str(carrier.port)]
        check(
            jcli.settings(cid)["password"] == credential.account.password, "Jasmin has the old one"
        )
        check(jcli.rows()[cid].session == BOUND, "Jasmin does not list it as bound")
    check(carrier.counts(credential.account.system_id)["live_binds"] == 1, "no live bind there")
    screen.done("a trial bind proved it, the connector was switched to it and is bound")


def _refused(scene: Scene, credential: AddedCredential) -> None:
    screen, carrier = scene.screen, credential.carrier
    before = scene.api.get(credential.path)
    screen.say("A password that the carrier does not know:")
    wrong = {"password": make_password()}
    code = "BIND_VERIFICATION_FAILED"
    answer = scene.send("POST", f"{credential.path}/rotate", wrong, expect=422, code=code)
    status = answer.error["details"]["smpp_status"]
    screen.answer(answer, {"code": code, "smpp_status": status})
    check(status["name"] == "ESME_RINVPASWD", f"the reason given is {status['name']}")
    after = scene.api.get(credential.path)
    check(after.headers["ETag"] == before.headers["ETag"], "the credential has changed")
    check(is_bound(after.data), "it is not bound any more")
    check(carrier.counts(credential.account.system_id)["live_binds"] == 1, "the live bind has gone")
    screen.done("nothing was changed (the ETag is the same), and it is still bound")
