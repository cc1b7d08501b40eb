"""A pool of senders: who is next is said beforehand, and then messages come from just these."""

from __future__ import annotations

from typing import Any

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.scene import Scene

POOLS = "/messaging/sender-pools"
MESSAGES = "/messages"
ROUTES = "/messaging/smpp/routes"
TO = "33612345678"
COUNT = 8
MEMBERS = [
    {"sender": "+33700000001", "weight": 2},
    {"sender": "+33700000002"},
    {"sender": "ACME"},
    {"sender": "36179", "countries": ["BE"]},
]


def rotate(scene: Scene) -> str:
    screen = scene.screen
    answer = scene.send("GET", f"{ROUTES}?destination=%2B{TO}", expect=200)
    carrier_ids = [each["id"] for each in answer.data["carriers"]]
    body = {
        "name": "Shop",
        "strategy": "weighted",
        "carrier_ids": carrier_ids,
        "members": MEMBERS,
    }
    answer = scene.send("POST", POOLS, body, expect=201)
    pool_id = answer.data["id"]
    screen.answer(answer, {"id": pool_id})
    said = _preview(scene, pool_id)
    again = _preview(scene, pool_id)
    check(again == said, "a second preview differs: the first one has changed something")
    screen.say(f"{COUNT} messages from the pool, each as a shop would send it:")
    messages = [_send(scene, pool_id, number) for number in range(1, COUNT + 1)]
    screen.waiting("the receipts …")
    ended = [
        wait_for(
            lambda of=message_id: scene.api.get(f"{MESSAGES}/{of}").data,
            lambda seen: seen["finished_at"],
            "the end of a message",
        )
        for message_id in messages
    ]
    screen.waited()
    for each in ended:
        price = f"{each['price']['amount']} {each['price']['currency']}"
        screen.say(f"  {each['from']:<14}{each['status']:<12}{price}")
    states = {each["status"] for each in ended}
    check(states == {"delivered"}, f"not every message was delivered: {states}")
    senders = [each["from"] for each in ended]
    check(senders == said["next"], f"sent from: {senders}; said: {said['next']}")
    screen.done(f"the {COUNT} senders are those that were named, in their order")
    return f"{COUNT} messages delivered, from the senders that were previewed"


def _send(scene: Scene, pool_id: str, number: int) -> str:
    """Its id. The first is shown, the others go the same way."""
    body = {"to": f"+{TO}", "body": f"Your parcel no. {number} is here", "sender_pool_id": pool_id}
    if number > 1:
        answer = scene.api.send("POST", f"{MESSAGES}/sms", body)
        check(answer.status == 202, f"message {number} was answered with {answer.status}")
        return answer.data["id"]
    answer = scene.send("POST", f"{MESSAGES}/sms", body, expect=202)
    scene.screen.answer(answer, {"id": answer.data["id"], "status": answer.data["status"]})
    return answer.data["id"]


def _preview(scene: Scene, pool_id: str) -> dict[str, Any]:
    path = f"{POOLS}/{pool_id}/preview?destination=%2B{TO}&count={COUNT}"
    answer = scene.send("GET", path, expect=200)
    preview = answer.data
    screen, carrier = scene.screen, preview["carrier"]
    screen.answer(answer, {"carrier": carrier and carrier["name"], "next": preview["next"]})
    for each in preview["candidates"]:
        screen.say(f"  {each['sender']:<14}{each['reason']}")
    check(carrier and carrier["bound"], "no bound carrier would take the message")
    check(len(preview["next"]) == COUNT, f"{len(preview['next'])} senders instead of {COUNT}")
    return preview
