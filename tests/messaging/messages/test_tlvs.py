"""TLVs of a message: beside those of the credential that it leaves by, and before them."""

from __future__ import annotations

import pytest

from messaging.messages.tlvs import tlvs_of
from messaging.smpp.protocol.tlv import Tlv
from tests.messaging.callers import refusal
from tests.messaging.messages.conftest import stored

ENTITY = {"tag": "0x1400", "type": "cstring", "value": "1101234560000012345"}
TEMPLATE = {"tag": "0x1401", "type": "octets", "value": "0a1b"}


def test_they_are_kept_and_answered(api, carrier):
    message = api.send(tlvs=[ENTITY, TEMPLATE | {"value": "0A1B"}])
    assert message["tlvs"] == [ENTITY, TEMPLATE]
    assert api.read(message["id"])["tlvs"] == [ENTITY, TEMPLATE]


@pytest.mark.parametrize(
    ("tlvs", "field"),
    [
        ([TEMPLATE | {"tag": "0x020C"}], "tlvs[0].tag"),
        ([ENTITY, ENTITY], "tlvs[1].tag"),
        ([ENTITY | {"type": "int32"}], "tlvs[0].value"),
        ("0x1400", "tlvs"),
    ],
)
def test_a_bad_one_is_named_with_its_place(api, carrier, tlvs, field):
    answer = api.try_to_send(tlvs=tlvs)
    assert refusal(answer, 422, "VALIDATION_ERROR")["details"]["field"] == field


def test_the_message_s_win_over_the_credential_s(api, carrier):
    credential = carrier.credential
    credential.tlvs = [ENTITY, {"tag": "0x1401", "type": "octets", "value": "ff"}]
    message = stored(api.send(tlvs=[TEMPLATE])["id"])
    assert tlvs_of(message, credential) == [
        Tlv(0x1401, b"\x0a\x1b"),
        Tlv(0x1400, b"1101234560000012345\0"),
    ]
