"""Step: a STOP in the middle of a campaign. Nothing more goes to that phone until it says START."""

from __future__ import annotations

import time
from typing import Any

from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.steps.pools import MESSAGES, POOLS
from orbit.dev.demo.steps.two_way import NUMBER, heard, texts_to, write

CAMPAIGNS, OPT_OUTS = "/campaigns", "/opt-outs"
COUNT, A_SECOND = 60, 10
BODY = "{{name}}, everything in our shop costs half of it until Sunday"
PEOPLE = [f"+337110000{number:02}" for number in range(COUNT)]
LEAVER = PEOPLE[-1]  # whose turn comes last
UNDER_WAY = 10  # messages that are out when the STOP comes


def stop(scene: Scene) -> str:
    screen = scene.screen
    campaign_id = _start(scene)
    _until_sent(scene, campaign_id)
    begun = write(scene, LEAVER, "Stop.")
    wait_for(lambda: not _allowed(scene), bool, "the STOP on the list")
    seconds = time.perf_counter() - begun
    screen.done(f"on the list {seconds:.2f} s after the carrier sent it; the campaign goes on")
    heard(scene, "contact.opted_out", number=LEAVER)
    _end(scene, campaign_id)
    confirmation = _one_confirmation(scene)
    scene.send(
        "POST", f"{MESSAGES}/sms", {"to": LEAVER, "body": "One more?", "from": NUMBER},
        expect=422, code="OPTED_OUT",
    )  # fmt: skip
    screen.done("a single message to it is refused: OPTED_OUT")
    _start_again(scene, confirmation)
    return f"{COUNT - 1} of {COUNT} delivered, the one who said STOP left out; START lets through"


def _start(scene: Scene) -> str:
    """A campaign from `NUMBER`, which takes some seconds; returns its id."""
    screen = scene.screen
    body: dict[str, Any] = {
        "name": "Sale",
        "carrier_ids": [scene.carrier_ids["north"]],
        "members": [{"sender": NUMBER}],
    }
    answer = scene.send("POST", POOLS, body, expect=201)
    screen.answer(answer, {"id": answer.data["id"]})
    people = [
        {"to": number, "variables": {"name": f"Customer {place}"}}
        for place, number in enumerate(PEOPLE, start=1)
    ]
    body = {"name": "Half-price sale", "body": BODY, "throughput": A_SECOND}
    body |= {"sender_pool_id": answer.data["id"]}
    screen.say(f"A campaign to {COUNT} people, {A_SECOND} a second, {LEAVER} the last of them:")
    screen.request("POST", f"/v1{CAMPAIGNS}", {**body, "recipients": [people[0], "…"]})
    answer = scene.api.send("POST", CAMPAIGNS, {**body, "recipients": people})
    check(answer.status == 201, f"the campaign was answered with {answer.status}")
    campaign_id = answer.data["id"]
    screen.answer(answer, {"id": campaign_id, "progress": answer.data["progress"]})
    scene.send("POST", f"{CAMPAIGNS}/{campaign_id}/start", expect=202)
    return campaign_id


def _until_sent(scene: Scene, campaign_id: str) -> None:
    scene.screen.waiting("the campaign is under way …")

    def sent() -> int:
        progress = _campaign(scene, campaign_id)["progress"]
        return progress["sent"] + progress["delivered"]

    count = wait_for(sent, lambda seen: seen >= UNDER_WAY, "the first messages of the campaign")
    scene.screen.waited()
    check(not texts_to(scene, LEAVER), f"{LEAVER} has got the campaign before it could say STOP")
    scene.screen.say(f"{count} messages are out when the last of the {COUNT} writes:")


def _end(scene: Scene, campaign_id: str) -> None:
    """Wait until all of it has ended, and count."""
    screen = scene.screen
    screen.waiting("the campaign's end and its receipts …")

    def over(campaign: dict[str, Any]) -> bool:
        progress = campaign["progress"]
        waits = sum(progress[state] for state in ("queued", "sending", "sent"))
        return campaign["status"] == "completed" and not waits

    campaign = wait_for(lambda: _campaign(scene, campaign_id), over, "the end of the campaign")
    screen.waited()
    progress = campaign["progress"]
    answer = scene.send("GET", f"{CAMPAIGNS}/{campaign_id}/messages?status=failed", expect=200)
    failed = [(each["to"], each["error"]["code"]) for each in answer.data]
    screen.answer(answer, {"data": [{"to": to, "error": code} for to, code in failed]})
    counts = (progress["delivered"], progress["failed"])
    check(counts == (COUNT - 1, 1), f"the campaign ended with {progress}")
    check(campaign["opted_out"] == 1, f"it counts {campaign['opted_out']} who had opted out")
    check(failed == [(LEAVER, "OPTED_OUT")], f"what failed is {failed}")
    screen.done(f"{COUNT - 1} delivered; to {LEAVER} nothing was sent, and the campaign says why")


def _one_confirmation(scene: Scene) -> str:
    """The one text that the phone got: it says that nothing more will come."""
    path = f"{MESSAGES}?status=delivered&to={LEAVER.replace('+', '%2B')}"
    sent = wait_for(lambda: scene.api.get(path).data, bool, "the confirmation")
    got = texts_to(scene, LEAVER)
    check(got == [each["body"] for each in sent], f"the phone has got {got}")
    check(len(got) == 1, f"the phone has got {len(got)} texts")
    scene.screen.say(f"  all that the phone got: {got[0]}")
    return got[0]


def _start_again(scene: Scene, confirmation: str) -> None:
    screen = scene.screen
    write(scene, LEAVER, "START")
    wait_for(lambda: _allowed(scene), bool, "the START")
    body = {"to": LEAVER, "body": "Welcome back", "from": NUMBER}
    answer = scene.send("POST", f"{MESSAGES}/sms", body, expect=202)
    path = f"{MESSAGES}/{answer.data['id']}"
    ended = wait_for(
        lambda: scene.api.get(path).data, lambda seen: seen["finished_at"], "the next message"
    )
    check(ended["status"] == "delivered", f"the message after START is {ended['status']}")
    again = texts_to(scene, LEAVER).count(confirmation)
    check(again == 1, f"the STOP was confirmed {again} times")
    screen.done("after START the next message is delivered")


def _allowed(scene: Scene) -> bool:
    """Whether a message may go to the leaver."""
    to, sender = (number.replace("+", "%2B") for number in (LEAVER, NUMBER))
    answer = scene.api.get(f"{OPT_OUTS}/check?to={to}&from={sender}")
    check(answer.status == 200, f"GET {OPT_OUTS}/check is answered with {answer.status}")
    return answer.data["allowed"]


def _campaign(scene: Scene, campaign_id: str) -> dict[str, Any]:
    answer = scene.api.get(f"{CAMPAIGNS}/{campaign_id}")
    check(answer.status == 200, f"GET {CAMPAIGNS}/… is answered with {answer.status}")
    return answer.data
