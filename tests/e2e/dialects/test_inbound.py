"""Texts of phones, from the octets of a carrier to the API: d24 to d29, and national senders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from messaging.inbound.models import InboundPdu
from orbit.dev.stack import Jasmin
from reconciler.models import Gateway
from tests.e2e.api import Api
from tests.e2e.dialects.scenarios import Scenario
from tests.e2e.dialects.world import MESSAGES, Played, World
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.raw_smsc import Pdu, deliver_sm, tlv
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

LATER = 0x64
PHONE, OTHER_PHONE, CODE = "33639980001", "33639980002", "38080"
UDHI = 0x40


@pytest.fixture
def world(gateway: Gateway, api: Api) -> Iterator[World]:
    with ExitStack() as carriers:
        yield World(api, carriers)


@pytest.fixture
def played(world: World) -> Played:
    (played,) = world.bind(Scenario("inbound"))
    return played


@pytest.fixture
def texts(api: Api) -> Callable[[], list[dict[str, Any]]]:
    """All of them, oldest first."""

    def listed() -> list[dict[str, Any]]:
        return api.get(f"{MESSAGES}?direction=inbound&limit=100").data[::-1]

    return listed


def text(octets: bytes, *, source: str = PHONE, **fields: Any) -> Pdu:
    return deliver_sm(octets, source=source, destination=CODE, **{"esm_class": 0} | fields)


def part(octets: bytes, number: int, of: int, *, reference: int = 0x5A, **fields: Any) -> Pdu:
    header = bytes([5, 0, 3, reference, of, number])
    return text(header + octets, esm_class=UDHI, **fields)


def part16(octets: bytes, number: int, of: int, **fields: Any) -> Pdu:
    return text(bytes([6, 8, 4, 0x1A, 0x2B, of, number]) + octets, esm_class=UDHI, **fields)


def answered(played: Played) -> None:
    """All of them, with OK; a trial bind says "later"."""
    eventually(lambda: played.smsc.unanswered == [])
    assert set(played.smsc.statuses("deliver_sm_resp")) - {LATER} == {0}


def bodies(texts: Callable[[], list[dict[str, Any]]]) -> list[str]:
    return sorted(each["body"] for each in texts())


@pytest.mark.slow("the gateway is started again")
def test_parts_out_of_order_with_one_twice_while_the_gateway_dies(
    played: Played, site: Site, jasmin: Jasmin, texts
):
    """d24"""
    site.start_beat(interval=1)
    played.smsc.sends(part(b"three", 3, 3), part(b"one ", 1, 3))
    eventually(lambda: InboundPdu.objects.count() == 2)
    answered(played)

    jasmin.kill()
    jasmin.start()
    played.smsc.sends(part(b"two ", 2, 3), part(b"two ", 2, 3))

    becomes(lambda: bodies(texts), ["one two three"])
    (found,) = texts()
    assert (found["segments"], found["complete"], found["from"]) == (3, True, f"+{PHONE}")


def test_an_emoji_over_two_parts_with_a_reference_of_sixteen_bits(played: Played, texts):
    """d25"""
    octets = "Hi 😀".encode("utf-16-be")
    played.smsc.sends(
        part16(octets[8:], 2, 2, data_coding=8), part16(octets[:8], 1, 2, data_coding=8)
    )

    becomes(lambda: bodies(texts), ["Hi 😀"])
    answered(played)


def test_two_phones_with_one_reference(played: Played, texts):
    """d26"""
    played.smsc.sends(
        part(b"A1", 1, 2),
        part(b"B2", 2, 2, source=OTHER_PHONE),
        part(b"A2", 2, 2),
        part(b"B1", 1, 2, source=OTHER_PHONE),
    )

    becomes(lambda: bodies(texts), ["A1A2", "B1B2"])
    assert {each["from"]: each["body"] for each in texts()} == {
        f"+{PHONE}": "A1A2",
        f"+{OTHER_PHONE}": "B1B2",
    }


def test_what_is_delivered_again_after_a_lost_answer_is_one(played: Played, texts):
    """d27: the connection breaks before the answer is read; another sequence on the next bind."""
    played.smsc.loses_an_answer()
    played.smsc.sends(text(b"hello"))
    eventually(lambda: len(played.smsc.sent("deliver_sm")) > 1)
    played.smsc.sends(text(b"again"))

    becomes(lambda: bodies(texts), ["again", "hello"])


@pytest.mark.parametrize(
    ("octets", "data_coding", "body"),
    [
        ("0500401b65", 0, "é@¡€"),
        ("4142", 1, "AB"),
        ("41e9", 3, "Aé"),
        ("d83dde00", 8, "😀"),
        ("41", 0xF1, "A"),
        ("00ff", 4, "00ff"),
        ("004100", 8, "A\ufffd"),
        ("", 0, ""),
        ("", 8, ""),
    ],
)
def test_data_codings(played: Played, texts, octets: str, data_coding: int, body: str):
    """d28"""
    played.smsc.sends(text(bytes.fromhex(octets), data_coding=data_coding))

    becomes(lambda: [each["body"] for each in texts()], [body])
    (found,) = texts()
    raw = played.read(found["id"])["raw"]
    assert (raw["parts"], raw["data_coding"]) == ([octets], data_coding)


def test_parts_by_tlvs_and_in_message_payload(played: Played, texts):
    def sar(number: int) -> list[bytes]:
        return [tlv(0x020C, b"\0\7"), tlv(0x020E, b"\2"), tlv(0x020F, bytes([number]))]

    played.smsc.sends(
        text(b"", tlvs=[*sar(2), tlv(0x0424, b"two")]), text(b"one ", tlvs=sar(1))
    )  # fmt: skip

    becomes(lambda: bodies(texts), ["one two"])


def test_a_national_sender(played: Played, texts):
    """d29"""
    played.smsc.sends(text(b"hi", source="0639980001", ton=2))

    becomes(lambda: [each["from"] for each in texts()], [f"+{PHONE}"])


def test_stop_in_all_its_spellings_and_what_only_looks_so(played: Played, api: Api):
    """d29: the state first, then one confirmation by the carrier; nothing else goes out."""
    number = {"number": CODE, "countries": ["FR"], "credential_id": played.credential}
    assert api.post("/v1/numbers", number).status == 201
    said = {
        "3363998010": [b"stop", b" STOP.\n", b"Stop, thanks"],
        "3363998011": [b"STOPALL"],
        "3363998012": ["ＳＴＯＰ".encode("utf-16-be")],
        "3363998013": [b"ARRET"],
        "3363998020": [b"please don't stop sending", b"STOP 4711"],
    }
    wide = {"3363998012": {"data_coding": 8}}
    played.smsc.sends(
        *(
            text(octets, source=f"{phone}0", **wide.get(phone, {}))
            for phone, texts in said.items()
            for octets in texts
        ),
        text(b"STOP", source="0639980140", ton=2),
    )
    stopped = {f"+{phone}0" for phone in list(said)[:-1]} | {"+33639980140"}

    def listed() -> set[str]:
        return {each["number"] for each in api.get("/v1/opt-outs?limit=100").data}

    becomes(listed, stopped)
    becomes(lambda: sent_to(played), stopped)
    answered(played)
    body = {"from": "ACME", "body": "hello", "to": "+33639980100"}
    refused = api.post(f"{MESSAGES}/sms", body)
    assert (refused.status, refused.code) == (422, "OPTED_OUT")
    assert api.post(f"{MESSAGES}/sms", body | {"to": "+33639980200"}).status == 202
    assert len(api.get("/v1/opt-outs/near-misses").data) == 2
    becomes(lambda: sent_to(played), stopped | {"+33639980200"})
    assert len(played.smsc.submits) == len(stopped) + 1  # one confirmation each


def sent_to(played: Played) -> set[str]:
    return {f"+{each.fields['destination_addr']}" for each in played.smsc.submits}
