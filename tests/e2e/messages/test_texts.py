"""Long texts: what a phone joins is what was sent, and as many parts as were billed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from messaging.smpp.protocol.gsm7 import EXTENSION
from orbit.dev.simulator import Submit
from tests.e2e.messages.conftest import FRANCE, MESSAGES, World
from tests.e2e.waiting import becomes

pytestmark = pytest.mark.stack

RATE = Decimal("0.00125")
EURO, SMILE = "€", "😀"  # two septets, two UTF-16 units: no part may end inside one

TEXTS = {
    "one septet": ("a", 1),
    "160 septets": ("a" * 160, 1),
    "161 septets": ("a" * 161, 2),
    "160 septets, the euro last": ("a" * 158 + EURO, 1),
    "161 septets, the euro last": ("a" * 159 + EURO, 2),
    "two full parts": ("a" * 306, 2),
    "two full parts and one septet": ("a" * 307, 3),
    "the euro begins a part": ("a" * 153 + EURO + "a" * 9, 2),
    "the euro ends a part": ("a" * 151 + EURO + "a" * 9, 2),
    "the euro at each edge": ("a" * 152 + (EURO + "a" * 150) * 9, 10),
    "euros only": (EURO * 760, 10),
    "1,530 septets": ("a" * 1530, 10),
    "all of the extension": ("".join(EXTENSION.values()) * 20, 3),
    "the alphabet's ends": ("@à\nÇØ" * 40, 2),
    "70 units": ("ж" * 70, 1),
    "71 units": ("ж" * 71, 2),
    "70 units, the emoji last": ("ж" * 68 + SMILE, 1),
    "71 units, the emoji last": ("ж" * 69 + SMILE, 2),
    "the emoji begins a part": ("ж" * 67 + SMILE + "ж" * 9, 2),
    "the emoji ends a part": ("ж" * 65 + SMILE + "ж" * 9, 2),
    "the emoji at each edge": ("ж" * 66 + (SMILE + "ж" * 64) * 9, 10),
    "emoji only": (SMILE * 330, 10),
    "670 units": ("ж" * 670, 10),
}


def joined(submits: list[Submit]) -> str:
    """As a phone does it: by the header of the parts, in their order."""
    if submits[0].part is None:
        assert len(submits) == 1
        return submits[0].text
    parts = {submit.part: submit.text for submit in submits}
    ((_, total),) = {(reference, total) for reference, total, _ in parts}
    assert [number for _, _, number in sorted(parts)] == list(range(1, total + 1))
    return "".join(text for _, text in sorted(parts.items()))


def test_what_arrives_is_what_was_sent_and_billed(world: World, subtests):
    world.carrier("north", "FR", rate=str(RATE))
    world.wait_until_bound()
    sent = {
        name: (f"+3363998{number:04}", body, segments)
        for number, (name, (body, segments)) in enumerate(TEXTS.items())
    }
    messages = {
        name: world.send(to=to, sender="ACME", body=body) for name, (to, body, _) in sent.items()
    }
    for message in messages.values():
        becomes(lambda of=message: world.read(of)["status"], "delivered")
    arrived = defaultdict(list)
    for submit in world.got("north"):
        arrived[submit.destination_addr.removeprefix("+")].append(submit)

    for name, (to, body, segments) in sent.items():
        with subtests.test(name):
            submits, message = arrived[to.removeprefix("+")], world.read(messages[name])
            assert joined(submits) == body
            assert len(submits) == message["segments"] == segments
            assert Decimal(message["price"]["amount"]) == RATE * len(submits)


@pytest.mark.parametrize(
    ("body", "count"), [("a" * 1531, "1531 septets"), ("ж" * 671, "671 UTF-16 units")]
)
def test_what_would_take_eleven_is_refused_with_its_count(world: World, body: str, count: str):
    world.carrier("north", "FR")

    answer = world.api.post(f"{MESSAGES}/sms", {"to": FRANCE, "from": "ACME", "body": body})

    assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "body"
    assert f"{count} and would take 11 segments" in answer.error["message"]
