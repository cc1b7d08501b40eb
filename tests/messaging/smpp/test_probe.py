"""Test sends: the PDUs at the carrier, and the reported steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messaging.net.tls import Tls
from messaging.smpp.blocking_session import Session
from messaging.smpp.probe import Outcome, Step
from messaging.smpp.protocol.segmentation import encode
from tests.messaging.smpp.probing import SECRET, Report, message, send, target


def test_a_message_is_delivered_step_by_step(smsc, system, report):
    assert send(target(smsc.port), report) == Outcome("delivered")
    assert report.names == ["resolve", "connect", "bind", "submit", "receipt", "unbind"]
    assert report.detail("resolve") == "127.0.0.1"
    assert report.detail("connect") == f"127.0.0.1:{smsc.port}"
    assert report.detail("bind") == "transceiver as acme"
    assert report.detail("receipt") == "DELIVRD (err 000) for 1 of 1"
    assert report.message_id == system.submits[0].message_id
    assert report.message_id in report.detail("submit")
    assert system.receipts["acknowledged"] == 1
    smsc.wait_for(lambda: system.live_binds == 0)


def test_the_trace_shows_every_pdu_and_no_password(smsc, system, report):
    send(target(smsc.port), report)
    assert [(line["direction"], line["command"]) for line in report.pdus] == [
        ("out", "bind_transceiver"),
        ("in", "bind_transceiver_resp"),
        ("out", "submit_sm"),
        ("in", "submit_sm_resp"),
        ("in", "deliver_sm"),
        ("out", "deliver_sm_resp"),
        ("out", "unbind"),
        ("in", "unbind_resp"),
    ]
    assert SECRET not in f"{report.pdus} {report.steps} {target(1)!r}"
    assert SECRET.encode().hex() not in str(report.pdus)


@pytest.mark.parametrize(
    ("sender", "addressing", "seen"),
    [
        ("ACME", {}, (5, 0, "ACME", 1, 1, "33612345678")),
        ("38600", {}, (3, 0, "38600", 1, 1, "33612345678")),
        ("+33700000001", {}, (1, 1, "33700000001", 1, 1, "33612345678")),
        ("+33700000001", {"plus": True}, (1, 1, "+33700000001", 1, 1, "+33612345678")),
        (
            "ACME",
            {"alphanumeric": [5, 1], "destination": [0, 8]},
            (5, 1, "ACME", 0, 8, "33612345678"),
        ),
    ],
)
def test_addresses_arrive_as_the_credential_says(smsc, system, report, sender, addressing, seen):
    sent = message(sender=sender, addressing=addressing)
    assert send(target(smsc.port), report, sent=sent).state == "delivered"
    got = system.submits[0]
    assert seen == (
        got.source_addr_ton,
        got.source_addr_npi,
        got.source_addr,
        got.dest_addr_ton,
        got.dest_addr_npi,
        got.destination_addr,
    )
    assert got.registered_delivery == 1


@pytest.mark.parametrize(
    ("text", "gsm_data_coding", "data_coding", "octets"),
    [
        ("a@{€", 0, 0, "61001b281b65"),
        ("a@b{", 1, 1, "6140627b"),
        ("a@b{ à", 3, 3, "6140627b20e0"),
        ("a@b à", 1, 8, "0061 0040 0062 0020 00e0"),
        ("a@{€", 3, 8, "0061 0040 007b 20ac"),
        ("жё😀", 0, 8, "0436 0451 d83d de00"),
        ("жё😀", 3, 8, "0436 0451 d83d de00"),
    ],
)
def test_texts_arrive_in_their_encoding(
    smsc, system, report, text, gsm_data_coding, data_coding, octets
):
    sent = message(text, gsm_data_coding=gsm_data_coding)
    assert send(target(smsc.port), report, sent=sent).state == "delivered"
    got = system.submits[0]
    assert got.data_coding == data_coding
    assert got.short_message == bytes.fromhex(octets)
    assert got.esm_class == 0


@pytest.mark.parametrize(
    "text", ["a" * 152 + "€" + "b" * 200, "ж" * 66 + "😀" + "я" * 100, "x" * 1530]
)
def test_long_texts_arrive_in_parts_that_join(smsc, system, report, text):
    assert send(target(smsc.port), report, sent=message(text)).state == "delivered"
    assert "".join(submit.text for submit in system.submits) == text
    total = encode(text).segments
    references = {submit.part[0] for submit in system.submits}
    assert len(references) == 1
    assert [submit.part[1:] for submit in system.submits] == [
        (total, number) for number in range(1, total + 1)
    ]
    assert {submit.esm_class for submit in system.submits} == {0x40}
    assert report.message_id == system.submits[0].message_id
    assert report.detail("receipt").endswith(f"for {total} of {total}")


def test_parts_keep_the_rate_that_the_carrier_allows(smsc, system, report, monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr(Session, "idle", lambda self, seconds: pauses.append(seconds))
    send(target(smsc.port), report, sent=message("x" * 400, per_second=10))
    assert pauses == [0.1, 0.1]


def test_a_report_that_raises_ends_the_test_and_the_bind(smsc, system):
    class Gone(Exception):
        pass

    class Raising(Report):
        def step(self, step: Step) -> None:
            if step.step == "submit":
                raise Gone
            super().step(step)

    with pytest.raises(Gone):
        send(target(smsc.port), Raising())
    smsc.wait_for(lambda: system.live_binds == 0)


@pytest.mark.parametrize("step", ["connect", "tls"])
def test_a_report_that_raises_leaves_no_connection_open(smsc, system, step):
    class Gone(Exception):
        pass

    class Raising(Report):
        def step(self, reported: Step) -> None:
            if reported.step == step:
                raise Gone

    tls = Tls("127.0.0.1", authorities=smsc.certificate)
    with pytest.raises(Gone):  # an open socket would be a ResourceWarning, which is an error here
        send(replace(target(smsc.tls_port), tls=tls), Raising())
