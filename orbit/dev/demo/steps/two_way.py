"""Step: a customer writes, in two parts that come in the wrong order, and a webhook hears it."""

from __future__ import annotations

import json
import time
from typing import Any

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.steps.pools import MESSAGES
from orbit.dev.demo.steps.routing import FRANCE

NUMBER = "+33700000001"  # a sender of the pool before: customers answer to it
CUSTOMER = f"+{FRANCE}"
QUESTION = (
    "Bonjour! My parcel no. 8 has not come, although your message says that it is here. I have "
    "looked beside the door, at the neighbours' and in the garden. Où est-il?"
)
KEYWORD, ANSWER = "HOURS", "Our shop is open from 9 to 17, Monday to Friday."
EVENTS = ["message.received", "contact.opted_out", "contact.opted_in"]


def hear(scene: Scene) -> str:
    screen = scene.screen
    body = {"url": scene.site.inbox.url, "events": EVENTS, "description": "what customers write"}
    answer = scene.send("POST", "/webhooks", body, expect=201)
    screen.answer(answer, {"id": answer.data["id"]})
    body = {
        "number": NUMBER,
        "credential_id": scene.credentials["north"].credential_id,
        "keywords": [{"word": KEYWORD, "answer": ANSWER}],
    }
    answer = scene.send("POST", "/numbers", body, expect=201)
    screen.answer(answer, {"id": answer.data["id"], "route": answer.data["route"]})
    seconds = _question(scene, answer.data["id"])
    _keyword(scene)
    _listed(scene)
    return f"heard {seconds:.2f} s after the carrier sent it, whole; a keyword answered by itself"


def write(scene: Scene, sender: str, text: str, *, parts_reversed: bool = False) -> float:
    """Have a phone write to `NUMBER`, by the carrier of France; returns when, by the clock."""
    scene.screen.say(f"{sender} writes to {NUMBER}: {text}")
    north = scene.credentials["north"]
    begun = time.perf_counter()
    north.carrier.send_text(
        north.account.system_id, sender, NUMBER, text, parts_reversed=parts_reversed
    )
    return begun


def heard(scene: Scene, kind: str, **wanted: Any) -> dict[str, Any]:
    """Wait for an event of this type whose data say so; returns the data. Raises Failed."""
    scene.screen.waiting(f"the webhook's {kind} …")
    found = wait_for(lambda: _events(scene, kind, wanted), bool, f"the event {kind} at the webhook")
    scene.screen.waited()
    check(len(found) == 1, f"{kind} came as {len(found)} events")
    return found[0]


def texts_to(scene: Scene, number: str) -> list[str]:
    """What the carrier of France was given for this phone, oldest first; parts as one text."""
    north = scene.credentials["north"]
    texts: list[str] = []
    for each in north.carrier.submits(north.account.system_id):
        if each["destination_addr"] != number.lstrip("+"):
            continue
        is_later_part = each["part"] and each["part"][2] > 1
        texts.append(texts.pop() + each["text"] if is_later_part and texts else each["text"])
    return texts


def _question(scene: Scene, number_id: str) -> float:
    """A long text; returns the seconds until the webhook had it."""
    screen = scene.screen
    begun = write(scene, CUSTOMER, QUESTION, parts_reversed=True)
    data = heard(scene, "message.received", body=QUESTION)
    seconds = time.perf_counter() - begun
    names = ("from", "to", "segments", "complete", "in_reply_to")
    shown = json.dumps({name: data[name] for name in names})
    screen.say(f"  the webhook has it: {shown}")
    check(data["segments"] == 2 and data["complete"], "its two parts were not joined")
    check((data["from"], data["number_id"]) == (CUSTOMER, number_id), "it names somebody else")
    check(data["in_reply_to"], "nobody knows which message of ours it answers")
    original = scene.api.get(f"{MESSAGES}/{data['in_reply_to']}").data
    check((original["from"], original["to"]) == (NUMBER, CUSTOMER), "it answers another message")
    screen.done(
        f"one event {seconds:.2f} s later: both parts, which came in the wrong order, as one "
        f"text, and an answer to “{original['body']}”"
    )
    return seconds


def _keyword(scene: Scene) -> None:
    """A text with a keyword is answered without anybody."""
    write(scene, CUSTOMER, f"{KEYWORD.lower()}?")
    scene.screen.waiting("the answer on the phone …")
    wait_for(lambda: ANSWER in texts_to(scene, CUSTOMER), bool, "the answer of the keyword")
    scene.screen.waited()
    scene.screen.done(f"the phone has the keyword's answer: {ANSWER}")


def _listed(scene: Scene) -> None:
    answer = scene.send("GET", f"{MESSAGES}?direction=inbound", expect=200)
    shown = [{name: each[name] for name in ("from", "keyword")} for each in answer.data]
    scene.screen.answer(answer, {"data": shown})
    check(len(answer.data) == 2, f"{len(answer.data)} texts are listed instead of 2")


def _events(scene: Scene, kind: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """`data` of each event, once an id."""
    bodies = [each["body"] for each in list(scene.site.inbox.taken)]
    events = {
        each["id"]: each for each in bodies if isinstance(each, dict) and each["type"] == kind
    }
    return [
        each["data"]
        for each in events.values()
        if all(each["data"].get(name) == value for name, value in wanted.items())
    ]
