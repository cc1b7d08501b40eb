"""Carriers: who takes which number, and a message that goes all the way and back."""

from __future__ import annotations

from orbit.demo.checks import check, wait_for
from orbit.demo.scene import Scene

CARRIERS = "/messaging/smpp/carriers"
ROUTES = "/messaging/smpp/routes?destination=%2B"
FRANCE, AMERICA = "33612345678", "14155552671"


def send(scene: Scene) -> str:
    screen = scene.screen
    north = _add(scene, "north", ["FR"])
    _add(scene, "south", ["*"])
    for number, wanted in (
        (FRANCE, ["North Telecom", "South Mobile"]),
        (AMERICA, ["South Mobile"]),
    ):
        answer = scene.send("GET", f"{ROUTES}{number}", expect=200)
        names = [each["name"] for each in answer.data["carriers"]]
        screen.answer(answer, {"country": answer.data["country"], "carriers": names})
        check(names == wanted, f"+{number} goes to {names} instead of {wanted}")
    body = {"to": f"+{FRANCE}", "from": "ACME", "body": "Bonjour de la démo €"}
    answer = scene.send("POST", f"{CARRIERS}/{north}/test", body, expect=202)
    test_id = answer.data["id"]
    screen.answer(answer, {"id": test_id, "via": answer.data["via"]})
    path = f"{CARRIERS}/{north}/tests/{test_id}"
    test = wait_for(
        lambda: scene.api.get(path).data, lambda seen: seen["finished_at"], "the end of the test"
    )
    for step in test["steps"]:
        screen.say(f"  {step['step']:<9}{step['ms']:>6} ms  {step['detail']}")
    check(test["status"] == "delivered", f"the test ended as {test['status']}: {test['error']}")
    screen.done("it went through Jasmin, out through that bind, and its receipt came back")
    return "by country, in order; a test message was delivered"


def _add(scene: Scene, key: str, countries: list[str]) -> str:
    trunk = scene.trunks[key]
    body = {
        "name": trunk.carrier.name,
        "credential_id": trunk.credential_id,
        "countries": countries,
    }
    answer = scene.send("POST", CARRIERS, body, expect=201)
    scene.screen.answer(answer, {"id": answer.data["id"]})
    return answer.data["id"]
