"""The stored password is shown once, and both the showing and the refusal are audited."""

from __future__ import annotations

from orbit.dev.demo.checks import check
from orbit.dev.demo.scene import Scene

ACTION = "credential.revealed"


def once(scene: Scene) -> str:
    screen, trunk = scene.screen, scene.trunks["south"]
    answer = scene.send("GET", f"{trunk.path}/reveal", expect=200)
    screen.answer(answer, answer.data)
    check(answer.data["password"] == trunk.account.password, "that is not the password")
    for _ in range(2):
        code = "SECRET_ALREADY_REVEALED"
        answer = scene.send("GET", f"{trunk.path}/reveal", expect=410, code=code)
        screen.answer(answer, {"code": code})
    path = f"/audit-events?action={ACTION}&target={trunk.credential_id}"
    answer = scene.send("GET", path, expect=200)
    outcomes = [event["outcome"] for event in answer.data]
    screen.answer(answer, {"outcomes, newest first": outcomes})
    check(outcomes == ["refused", "refused", "ok"], "the audit does not say so")
    screen.done("shown once, refused twice, three rows in the audit")
    return "200, then 410 twice; all three audited"
