"""Carriers: who takes which number, and messages that go all the way and back."""

from __future__ import annotations

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.scene import Scene

CARRIERS = "/messaging/smpp/carriers"
ROUTES = "/messaging/smpp/routes?destination=%2B"
COUNTRIES = {"north": "FR", "south": "US", "world": "*"}
FRANCE, AMERICA, BRAZIL = "33612345678", "14155552671", "5511961234567"
ORDERS = {FRANCE: ["north", "world"], AMERICA: ["south", "world"], BRAZIL: ["world"]}


def send(scene: Scene) -> str:
    for key, country in COUNTRIES.items():
        _add(scene, key, country)
    scene.screen.say("Who takes a number, first choice first (* takes all that nobody lists):")
    for number, keys in ORDERS.items():
        _explain(scene, number, keys)
    scene.screen.say("Two test messages; the simulated carriers report a delivery after 1 s.")
    _test(scene, "direct", "with a bind of its own, past the gateway")
    _test(scene, "gateway", "as all traffic goes: through Jasmin and the bind that it holds")
    scene.screen.done("both were delivered: each has its receipt from the carrier")
    return "France, USA, all others; two tests delivered, each step timed"


def _add(scene: Scene, key: str, country: str) -> None:
    trunk = scene.trunks[key]
    body = {
        "name": trunk.carrier.name,
        "credential_id": trunk.credential_id,
        "countries": [country],
    }
    answer = scene.send("POST", CARRIERS, body, expect=201)
    scene.screen.answer(answer, {"id": answer.data["id"]})
    scene.carrier_ids[key] = answer.data["id"]


def _explain(scene: Scene, number: str, keys: list[str]) -> None:
    answer = scene.send("GET", f"{ROUTES}{number}", expect=200)
    names = [each["name"] for each in answer.data["carriers"]]
    scene.screen.answer(answer, {"country": answer.data["country"], "carriers": names})
    wanted = [scene.trunks[key].carrier.name for key in keys]
    check(names == wanted, f"+{number} goes to {names} instead of {wanted}")


def _test(scene: Scene, via: str, how: str) -> None:
    """A test send, with its timeline: every step in milliseconds, up to the receipt."""
    screen, carrier_id = scene.screen, scene.carrier_ids["north"]
    screen.say(f"One {how}:")
    body = {"to": f"+{FRANCE}", "from": "ACME", "body": "Bonjour de la démo €", "via": via}
    answer = scene.send("POST", f"{CARRIERS}/{carrier_id}/test", body, expect=202)
    test_id = answer.data["id"]
    screen.answer(answer, {"id": test_id, "status": answer.data["status"]})
    path = f"{CARRIERS}/{carrier_id}/tests/{test_id}"
    screen.waiting("the receipt …")
    test = wait_for(
        lambda: scene.api.get(path).data, lambda seen: seen["finished_at"], "the end of the test"
    )
    screen.waited()
    for step in test["steps"]:
        mark = "ok" if step["ok"] else "FAILED"
        screen.say(f"  {step['step']:<9}{mark:<4}{step['ms']:>6} ms  {step['detail']}")
    check(test["status"] == "delivered", f"the test ended as {test['status']}: {test['error']}")
    steps = [step["step"] for step in test["steps"]]
    check("receipt" in steps, f"there is no receipt among the steps: {steps}")
