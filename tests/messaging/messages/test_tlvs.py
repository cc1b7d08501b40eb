"""TLVs of a message, as they are asked for and answered."""

from __future__ import annotations

import pytest

from tests.messaging.callers import refusal

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
