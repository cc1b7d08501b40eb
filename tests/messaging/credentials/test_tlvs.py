"""TLVs of a credential's submits, as the API takes and answers them."""

from __future__ import annotations

import pytest

from tests.messaging.callers import data, refusal
from tests.messaging.credentials.conftest import stored

ENTITY = {"tag": "0x1400", "type": "cstring", "value": "1101234560000012345"}
TEMPLATE = {"tag": "0x1401", "type": "octets", "value": "0a1b"}


def test_they_are_answered_as_they_are_kept(api):
    made = api.add(tlvs=[ENTITY, TEMPLATE | {"tag": "0X1401", "value": "0A1B"}])
    assert data(api.get(f"/{made}"))["tlvs"] == [ENTITY, TEMPLATE]
    assert stored(made).tlvs == [ENTITY, TEMPLATE]


def test_a_change_replaces_the_list(api):
    made = api.add(tlvs=[ENTITY])
    assert data(api.patch(f"/{made}", {"tlvs": [TEMPLATE]}))["tlvs"] == [TEMPLATE]
    assert data(api.patch(f"/{made}", {"tlvs": []}))["tlvs"] == []


@pytest.mark.parametrize(
    ("tlvs", "field", "said"),
    [
        ([ENTITY, TEMPLATE | {"tag": "0x0424"}], "tlvs[1].tag", "message_payload"),
        ([ENTITY | {"type": "int8"}], "tlvs[0].value", "whole number"),
        ([ENTITY, TEMPLATE, ENTITY], "tlvs[2].tag", "0x1400 is in the list already"),
        ([ENTITY | {"x": 1}], "tlvs[0].x", "Unknown field"),
        (["0x1400"], "tlvs[0]", "object"),
        ([ENTITY] * 11, "tlvs", "At most 10"),
        (ENTITY, "tlvs", "list"),
        (None, "tlvs", "null"),
    ],
)
def test_a_bad_one_is_named_with_its_place(api, tlvs, field, said):
    body = {"host": "127.0.0.1", "system_id": "acme", "password": "secret", "tlvs": tlvs}
    details = refusal(api.post("", body), 422, "VALIDATION_ERROR")["details"]
    assert details["field"] == field
    assert said in details["errors"][0]["message"]
    assert "0x1400" in details["expected"]
