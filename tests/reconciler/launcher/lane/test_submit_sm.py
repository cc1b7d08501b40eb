"""Fields and TLVs of a submit_sm."""

from __future__ import annotations

from typing import Any

import pytest

from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.submit import Submit
from reconciler.launcher.lane.submit_sm import build

SENDERS = {"long_code": (1, 1), "short_code": (3, 0), "alphanumeric": (5, 0)}


def settings(**changed: Any) -> CarrierSettings:
    return CarrierSettings(
        host="192.0.2.1", port=2775, system_id="acme", password="secret", **changed
    )


def submit(source: str = "ACME", to: str = "+33612345678", **changed: Any) -> Submit:
    return Submit("t1", source, to, changed.pop("parts", [b"hi"]), **changed)


@pytest.mark.parametrize(
    ("source", "plus", "ton", "npi", "written"),
    [
        ("ACME", False, 5, 0, "ACME"),
        ("+33700000000", False, 1, 1, "33700000000"),
        ("+33700000000", True, 1, 1, "+33700000000"),
        ("33700000000", False, 1, 1, "33700000000"),
        ("38600", False, 3, 0, "38600"),
        ("+A", False, 5, 0, "+A"),
        ("", False, 2, 1, ""),
    ],
)
def test_senders_look_as_the_carrier_wants_them(source, plus, ton, npi, written) -> None:
    fields, _ = build(submit(source), 0, settings(senders=SENDERS, plus=plus))

    assert (fields["source_addr_ton"], fields["source_addr_npi"]) == (ton, npi)
    assert fields["source_addr"] == written
    assert fields["destination_addr"] == ("+33612345678" if plus else "33612345678")


def test_fields_of_a_platform_win_but_for_the_kind_of_sender() -> None:
    extra = {"source_addr_ton": 2, "dest_addr_npi": 9, "esm_class": 3, "_platform": "acme"}
    fields, _ = build(submit(extra=extra, udhi=True), 0, settings(senders=SENDERS))

    assert fields["source_addr_ton"] == 5
    assert fields["dest_addr_npi"] == 9
    assert fields["esm_class"] == 0x43
    assert "_platform" not in fields


def test_tlvs_of_a_message_win_over_the_connectors() -> None:
    own, others = Tlv(0x1400, b"own"), (Tlv(0x1400, b"other"), Tlv(0x1401, b"more"))
    _, tlvs = build(submit(tlvs=[own]), 0, settings(tlvs=others))

    assert tlvs == [own, others[1]]


def test_a_long_text_goes_into_message_payload() -> None:
    fields, tlvs = build(submit(parts=[b"x" * 254, b"y" * 255]), 1, settings())

    assert "short_message" not in fields
    assert tlvs == [Tlv(MESSAGE_PAYLOAD, b"y" * 255)]
    assert build(submit(parts=[b"x" * 254]), 0, settings())[0]["short_message"] == b"x" * 254


def test_no_password_or_key_is_in_a_repr() -> None:
    text = repr(settings(tls_key="PRIVATE", tls_ca="CA"))

    assert "secret" not in text and "PRIVATE" not in text
