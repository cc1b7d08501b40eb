"""A pool of senders: who is next is said beforehand, and then it is so.

Messages that take their sender from a pool are not there yet, so the choices themselves are made
as the message router will make them, by `pick`, in a process of their own.
"""

from __future__ import annotations

from typing import Any

from orbit.demo.checks import check
from orbit.demo.scene import Scene

POOLS = "/messaging/sender-pools"
ROUTES = "/messaging/smpp/routes"
TO = "33612345678"
COUNT = 8
MEMBERS = [
    {"sender": "+33700000001", "weight": 2},
    {"sender": "+33700000002"},
    {"sender": "ACME"},
    {"sender": "36179", "countries": ["BE"]},
]
_PICK = (
    "from messaging.pools.choosing import pick; from messaging.models import SenderPool; "
    "pool = SenderPool.objects.get(pk={pool_id!r}); "
    "print(*(pick(pool, '+{to}').choice.member.sender for _ in range({count})))"
)


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
    screen.say(f"{COUNT} choices, each taking its turn:")
    output = scene.manage(
        "shell", "-v", "0", "-c", _PICK.format(pool_id=pool_id, to=TO, count=COUNT), expect=(0,)
    )
    check(output.text.split() == said["next"], f"picked: {output.text}; said: {said['next']}")
    screen.done(f"the {COUNT} senders are those that were named, in their order")
    return f"{COUNT} senders as previewed, two to one to one"


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
