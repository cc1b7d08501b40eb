"""The dialects of real carriers through a launched gateway: API, event and console.

The carriers of one kind are bound at once, each with an account of its own and all with the same
message ids, and each gets one message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

import pytest

from messaging.webhooks.models import Event
from reconciler.models import Gateway
from tests.e2e.api import Api
from tests.e2e.dialects.links import ANSWERS, BESIDE, BIND_ANSWERS, NACKS, TRAILING
from tests.e2e.dialects.receipts import (
    CODINGS,
    ERRORS,
    FORGERIES,
    FORMS,
    IDS,
    OF_PARTS,
    ONE_PART_ONLY,
    PLACES,
    STATES,
    TLVS,
    UNKNOWN,
)
from tests.e2e.dialects.refusals import FINAL, OCTETS, TEMPORARY
from tests.e2e.dialects.scenarios import BASE, Scenario
from tests.e2e.dialects.world import MESSAGES, PATIENCE, SENDER, TO, Played, World
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.raw_smsc import deliver_sm, generic_nack, receipt, submit_sm_resp
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

OK = 0
UNREADABLE = {"d02-beside-deliver-cut-short", "d02-beside-deliver-that-lies-about-sm_length"}
EVENTS = {
    "delivered": "message.delivered",
    "undelivered": "message.undelivered",
    "expired": "message.undelivered",
    "failed": "message.failed",
    "sent": "message.sent",
}
KINDS = {
    "d01": NACKS,
    "d02-behind-the-fields": TRAILING,
    "d02-bind-answers": BIND_ANSWERS,
    "d02-beside": BESIDE,
    "d02-answers": ANSWERS,
    "d05": TLVS,
    "d06-d07": STATES,
    "d08": PLACES,
    "d09": CODINGS,
    "d10": ERRORS,
    "d11": IDS,
    "d12": FORMS,
    "d13": UNKNOWN,
    "d15": OF_PARTS,
    "d16": FORGERIES,
    "d17": FINAL,
    "d18": TEMPORARY,
}


@pytest.fixture
def world(gateway: Gateway, api: Api) -> Iterator[World]:
    with ExitStack() as carriers:
        yield World(api, carriers)


@pytest.mark.slow("forty carriers, some of which refuse for a while")
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_ends_as_its_carrier_says(world: World, kind: str):
    played = world.bind(*KINDS[kind], BASE)
    fence = played.pop()
    for each in played:
        each.send()
    faults = [fault for each in played for fault in faults_of(each, world)]

    assert faults == []
    # What came before this is settled: those that wait for a receipt still do.
    fence.send()
    becomes(lambda: fence.read()["status"], "delivered")
    waiting = [each for each in played if each.scenario.ends == "sent"]
    assert {each.read()["status"] for each in waiting} <= {"sent"}


def faults_of(played: Played, world: World) -> Iterator[str]:
    """What is not as it should be, each with the scenario's name."""
    scenario, name = played.scenario, played.scenario.name
    try:
        becomes(lambda: played.read()["status"], scenario.ends, timeout=PATIENCE)
        eventually(lambda: played.smsc.unanswered == [])
    except AssertionError as error:
        yield f"{name}: {str(error).splitlines()[0]} {played.read()['error']}"
        return
    message = played.read()
    said = json.dumps([message["error"], message["events"]], ensure_ascii=False)
    page = world.page(f"/admin/messaging/message/{played.message}/change/")
    if scenario.name.startswith("d13"):  # it is no part of the message
        said = page = _strays_that_say(scenario.says, world)
    for words in scenario.says:
        if words not in said:
            yield f"{name}: {words!r} is not said: {said[:600]}"
        if words not in page:
            yield f"{name}: the console does not say {words!r}"
    code = message["error"]["code"] if message["error"] else ""
    if scenario.ends == "failed" and code != (scenario.code or code):
        yield f"{name}: {message['error']}"
    if EVENTS[scenario.ends] not in events_of(played.message):
        yield f"{name}: no {EVENTS[scenario.ends]}, but {events_of(played.message)}"
    yield from faults_on_the_wire(played)


def _strays_that_say(words: Sequence[str], world: World) -> str:
    """The page, once it says so: the carrier has its answer before the site has the receipt."""
    page = ""

    def said() -> bool:
        nonlocal page
        page = world.page("/admin/messaging/strayreceipt/")
        return all(each in page for each in words)

    with suppress(AssertionError):  # the caller says which one is missing
        eventually(said)
    return page


def events_of(message: str) -> set[str]:
    found = Event.objects.filter(type__startswith="message.", body__contains=message)
    return set(found.values_list("type", flat=True))


def faults_on_the_wire(played: Played) -> Iterator[str]:
    """Each request answered with OK under its own number, one bind, and nothing sent twice."""
    scenario, smsc = played.scenario, played.smsc
    answers = set(smsc.statuses("deliver_sm_resp"))
    if answers - {OK} and scenario.name not in UNREADABLE:
        yield f"{scenario.name}: answers {answers}"
    if len(smsc.binds) != 1 or smsc.connections != 1:
        yield f"{scenario.name}: {len(smsc.binds)} binds on {smsc.connections} connections"
    if len(smsc.submits) != (scenario.submits or scenario.parts):
        yield f"{scenario.name}: {len(smsc.submits)} submits"


@pytest.mark.slow("a carrier that reports one part alone is given a minute")
def test_the_receipt_of_one_part_alone_settles_the_message(world: World, site: Site):
    """d14: by the rule that the API's documentation has."""
    site.start_beat(interval=30)
    played = world.bind(*ONE_PART_ONLY)
    for each in played:
        each.send()

    for each in played:
        becomes(lambda of=each: of.read()["status"], "delivered", timeout=150)
        assert "part" in json.dumps(each.read()["events"])


def test_a_nack_gives_the_window_its_slots_back(world: World):
    """d01: and the bind stays."""
    nacked = Scenario(
        "nacked",
        answers=(*[generic_nack(status=1)] * 6, submit_sm_resp()),
        credential={"window": 3},
        submits=7,
    )
    (played,) = world.bind(nacked)

    messages = [played.send(f"number {n}") for n in range(6)]
    for message in messages:
        becomes(lambda of=message: played.read(of)["status"], "failed")
        assert played.read(message)["error"]["code"] == "ESME_RINVMSGLEN"
    last = played.send("the last")

    becomes(lambda: played.read(last)["status"], "delivered")
    assert len(played.smsc.binds) == 1


@pytest.mark.slow("a seat at the carrier stays taken for a while")
def test_a_seat_that_the_carrier_keeps_is_named_and_taken_again(world: World, site: Site):
    """d03: after a reset it is kept for 20 s here, and for 120 s by some."""
    site.start_beat(interval=1)
    (played,) = world.bind(Scenario("one-seat", credential={"max_binds": 1}))
    played.smsc.has_seats(1, after_unbind=3, after_reset=20)

    played.smsc.cuts_all(reset=True)

    def error() -> str:
        return world.api.read(played.credential)["bind"]["error"] or ""

    eventually(lambda: "ESME_RALYBND" in error(), timeout=PATIENCE)
    eventually(played.is_bound, timeout=PATIENCE)
    assert played.smsc.got("unbind") == []  # nobody tries the seat and leaves it again
    played.send()
    becomes(lambda: played.read()["status"], "delivered")


@pytest.mark.parametrize("mark", sorted({mark for mark, _, _ in OCTETS}))
def test_octets_are_what_their_data_coding_says(world: World, mark: int):
    """d19: and `segments` is what was submitted."""
    texts = [(text, wire) for of, text, wire in OCTETS if of == mark]
    played = world.bind(
        *(
            Scenario(f"d19-{mark}-{n}", body=text, credential={"gsm_data_coding": mark})
            for n, (text, _) in enumerate(texts)
        )
    )
    for each in played:
        each.send()

    for each, (_, wire) in zip(played, texts, strict=True):
        becomes(lambda of=each: of.read()["status"], "delivered")
        seen = [submit.fields for submit in each.smsc.submits]
        assert [(every["data_coding"], every["short_message"]) for every in seen] == wire
        assert each.read()["segments"] == len(wire)


def test_a_text_is_priced_as_it_is_submitted(world: World):
    """d19: 150 letters are two submits where ISO-8859-1 is the coding."""
    (played,) = world.bind(
        Scenario("d19-long", body="a" * 150, parts=2, credential={"gsm_data_coding": 3})
    )
    played.send()

    eventually(lambda: len(played.smsc.submits) == 2)
    assert played.read()["segments"] == 2


HIDDEN = ("\u202a", "\u202c", "\u200b", "\u2066", "\ufeff")


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda each: f"U+{ord(each):04X}")
def test_a_number_with_what_nobody_sees_is_read_or_its_character_named(api: Api, hidden: str):
    """d22"""
    asked = {"to": f"{hidden}{TO}{hidden}", "from": SENDER, "body": "hi"}

    answer = api.post(f"{MESSAGES}/sms", asked)

    if answer.code != "NO_ROUTE":  # else it was read: there is no carrier here
        assert f"U+{ord(hidden):04X}" in json.dumps(answer.error)


@pytest.mark.parametrize(
    "number", ["+882351234567890", "+8835100123456", "+33700123456789", "+4915901234567"]
)
def test_a_long_number_is_taken_or_refused_for_a_true_reason(api: Api, number: str):
    """d23"""
    answer = api.post(f"{MESSAGES}/sms", {"to": number, "from": SENDER, "body": "hi"})

    assert "have another length" not in json.dumps(answer.json)


def test_a_receipt_of_an_unknown_message_is_kept_and_answered(world: World):
    """What it nearly matched stands beside it."""
    (played,) = world.bind(Scenario("stray", (deliver_sm(receipt(id="ZZZ999")),), ends="sent"))
    played.send()
    becomes(lambda: played.read()["status"], "sent")

    eventually(lambda: "ZZZ999" in world.page("/admin/messaging/strayreceipt/"))
    assert played.smsc.statuses("deliver_sm_resp") == [OK]
