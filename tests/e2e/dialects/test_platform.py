"""Texts of phones on an organisation's own platform, and what it submits to who has said STOP.

A raw carrier at one end, raw sockets at the other, the site between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from messaging.inbound.models import InboundPdu
from messaging.opt_outs.models import OptOut
from orbit.dev.stack import Jasmin
from tests.e2e.api import Api
from tests.e2e.dialects.test_inbound import (  # noqa: F401 - fixtures
    CODE,
    PHONE,
    part,
    played,
    text,
    texts,
    world,
)
from tests.e2e.dialects.world import MESSAGES, PATIENCE, Played
from tests.e2e.waiting import becomes, eventually
from tests.reconciler.launcher.smpp_platform import SmppPlatform

pytestmark = pytest.mark.stack

ACCESS, NUMBERS = "/v1/messaging/smpp/access", "/v1/numbers"
INVALID_DESTINATION, STATUS_TEXT = 0x0B, 0x001D
Texts = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def platform(
    api: Api,
    jasmin: Jasmin,
    played: Played,  # noqa: F811
) -> Callable[[], SmppPlatform]:
    """Binds the organisation's platform; texts to CODE go there."""
    body = {"number": CODE, "countries": ["FR"], "credential_id": played.credential}
    assert api.post(NUMBERS, body | {"route": "both"}).status == 201
    assert api.patch(ACCESS, {"enabled": True}).status == 200
    password = api.get(f"{ACCESS}/reveal").data["password"]
    system_id = api.get(ACCESS).data["system_id"]
    becomes(lambda: api.get(ACCESS).data["sync"]["state"], "synced")

    def bind() -> SmppPlatform:
        made = SmppPlatform(jasmin, system_id, password)
        assert made.bound.status == 0
        made.patience(PATIENCE)
        return made

    return bind


def states(api: Api, texts: Texts) -> list[str]:  # noqa: F811
    return [api.get(f"{MESSAGES}/{each['id']}").data["access_delivery"] for each in texts()]


@pytest.mark.slow("the gateway is started again")
def test_texts_wait_for_the_platform_and_are_done_once_it_has_answered(
    api: Api,
    jasmin: Jasmin,
    platform: Callable[[], SmppPlatform],
    played: Played,  # noqa: F811
    texts: Texts,  # noqa: F811
):
    second = part("dé".encode("utf-16-be"), 2, 2, data_coding=8)
    first = part("Gra".encode("utf-16-be"), 1, 2, data_coding=8)
    played.smsc.sends(second, first)
    eventually(lambda: len(texts()) == 1)
    assert states(api, texts) == ["waiting"]

    with platform() as bound:
        one, two = bound.receipt(), bound.unanswered()
        eventually(InboundPdu.objects.filter(access_state="delivered").exists)
        jasmin.kill()
    jasmin.start()
    with platform() as bound:
        again = bound.receipt()
        becomes(lambda: states(api, texts), ["delivered"])
        played.smsc.sends(text(b"hi"))
        last = bound.receipt()

    assert [one.payload[-4:], two.payload[-6:]] == [b"\0d\0\xe9", "Gra".encode("utf-16-be")]
    assert (one.number("esm_class"), one.number("data_coding")) == (0x40, 8)
    assert again.payload == two.payload
    assert last.payload == b"hi"
    becomes(lambda: states(api, texts), ["delivered", "delivered"])


def test_who_says_stop_gets_nothing_from_the_platform_until_start(
    platform: Callable[[], SmppPlatform],
    played: Played,  # noqa: F811
):
    def submit(bound: SmppPlatform) -> int:
        answer = bound.submit(destination_addr=PHONE, source_addr=CODE, receipts=0)
        if answer.status:
            assert answer.tlv(STATUS_TEXT) == b"opted out\0"
        return answer.status

    with platform() as bound:
        eventually(lambda: submit(bound) == 0)  # its route is there
        played.smsc.sends(text(b"STOP"))
        eventually(OptOut.objects.exists)
        becomes(lambda: submit(bound), INVALID_DESTINATION)
        played.smsc.sends(text(b"START"))
        becomes(lambda: submit(bound), 0)
