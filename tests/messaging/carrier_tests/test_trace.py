"""How much of a carrier's PDUs a test keeps."""

from __future__ import annotations

import json

from messaging.carrier_tests.via_direct import Recorder
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.bind_limits import Attempt


def line(sequence: int, octets: int) -> dict:
    return {
        "direction": "in",
        "command": "deliver_sm",
        "sequence": sequence,
        "status": 0,
        "fields": {"message_payload": "41" * octets},
        "hex": "41" * octets,
    }


def test_pdus_of_any_length_leave_a_bounded_trace(settings):
    settings.CARRIER_TEST_TRACE_BYTES = 10_000
    recorder = Recorder("ctst_1", Attempt(BindAttempt()), checks_certificate=False)

    for sequence in range(200):
        recorder.pdu(line(sequence, 64 * 1024))
    recorder.pdu(line(200, 1))

    assert len(json.dumps(recorder._pdus)) < 60_000
    assert recorder._pdus[0]["hex"] == ""
    assert "not kept" in recorder._pdus[0]["error"]


def test_a_short_pdu_after_a_long_one_is_kept(settings):
    settings.CARRIER_TEST_TRACE_BYTES = 10_000
    recorder = Recorder("ctst_1", Attempt(BindAttempt()), checks_certificate=False)

    recorder.pdu(line(1, 64 * 1024))
    recorder.pdu(line(2, 10))

    assert [each["hex"] for each in recorder._pdus] == ["", "41" * 10]
