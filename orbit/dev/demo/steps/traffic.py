"""The organisation's own platform: one bind to the gateway, all its carriers behind it."""

from __future__ import annotations

import time

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.customer_platform import Access, Platform
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.steps.routing import ORDERS

ACCESS = "/messaging/smpp/access"


def flow(scene: Scene) -> str:
    screen = scene.screen
    scene.access = _turn_on(scene)
    with Platform(scene.access) as platform:
        screen.done("Acme's own platform, a plain SMPP client, is bound there. It sends:")
        rows = [_send(scene, platform, number) for number in ORDERS]
    screen.table(("to", "taken by", "after", "receipt", "after"), rows)
    screen.done("each went out by its country; all receipts came back on the one bind")
    return "3 countries, 3 carriers, 1 bind; every receipt came back"


def _turn_on(scene: Scene) -> Access:
    """The access, on the gateway. The password is ours, and revealed once like any other."""
    screen = scene.screen
    answer = scene.send("PATCH", ACCESS, {"enabled": True}, expect=200)
    address = {name: answer.data[name] for name in ("host", "port", "system_id")}
    screen.answer(answer, address)
    answer = scene.send("GET", f"{ACCESS}/reveal", expect=200)
    password = answer.data["password"]
    screen.answer(answer, {"password": password})
    wait_for(
        lambda: scene.api.get(ACCESS).data["sync"]["state"],
        lambda state: state == "synced",
        "the access in Jasmin",
    )
    return Access(**address, password=password)


def _send(scene: Scene, platform: Platform, number: str) -> tuple[str, ...]:
    """A row of the table: who took it and when, what the receipt says and when."""
    text = f"Hello +{number}"
    begun = time.perf_counter()
    message_id = platform.send(number, text)
    taken_by = wait_for(lambda: who_has(scene, text), bool, f"+{number} at a carrier")
    taken = time.perf_counter() - begun
    state = platform.wait_for_receipts({message_id})[message_id]
    received = time.perf_counter() - begun
    wanted = ORDERS[number][0]
    check(taken_by == [wanted], f"+{number} went to {taken_by} instead of {wanted}")
    check(state == "DELIVRD", f"the receipt of +{number} says {state}")
    name = scene.trunks[wanted].carrier.name
    return f"+{number}", name, f"{taken:.2f} s", state, f"{received:.2f} s"


def who_has(scene: Scene, text: str) -> list[str]:
    """Keys of the carriers that were given this text, as often as they were."""
    return [
        key
        for key, trunk in scene.trunks.items()
        for each in trunk.carrier.texts(trunk.account.system_id)
        if each == text
    ]
