"""Tests with `via: direct`, from POST to the end, against the simulator."""

from __future__ import annotations

import json

import pytest

from messaging.carrier_tests import run, via_direct
from messaging.carrier_tests.models import CarrierTest
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.tlv import RECEIPTED_MESSAGE_ID, Tlv
from tests.messaging.carrier_tests.conftest import SECRET, bind, names, row, rows
from tests.messaging.net.peers import Peer, dead_port


def test_a_message_is_delivered(tested, system, credential):
    test = tested(body="hello €")
    assert (test["status"], test["via"], test["error"]) == ("delivered", "direct", None)
    assert names(test) == ["resolve", "connect", "bind", "submit", "receipt", "unbind"]
    assert all(set(step) == {"step", "ok", "ms", "detail"} for step in test["steps"])
    assert test["message_id"] == system.submits[0].message_id
    assert test["started_at"] and test["finished_at"]
    assert system.submits[0].text == "hello €"
    assert row(test["id"]).lease_until is None


def test_the_trace_is_kept_without_the_password(tested, system):
    test = tested()
    assert [line["command"] for line in test["pdus"]][:2] == [
        "bind_transceiver",
        "bind_transceiver_resp",
    ]
    assert set(test["pdus"][0]) == {"direction", "command", "sequence", "status", "fields", "hex"}
    stored = json.dumps(CarrierTest.objects.values().get(), default=str)
    for text in (json.dumps(test), stored):
        assert SECRET not in text
        assert SECRET.encode().hex() not in text


def test_everything_goes_out_as_the_credential_says(tested, system, credential):
    credential.addressing |= {"alphanumeric": [5, 1], "destination": [2, 8], "plus": True}
    credential.gsm_data_coding = 3
    credential.system_type = "VMS"
    credential.bind_ton, credential.bind_npi, credential.address_range = 1, 1, "^33"
    credential.save()
    test = tested(sender="ACME")
    got = system.submits[0]
    assert (got.source_addr_ton, got.source_addr_npi, got.source_addr) == (5, 1, "ACME")
    assert (got.dest_addr_ton, got.dest_addr_npi, got.destination_addr) == (2, 8, "+33612345678")
    assert got.data_coding == 3
    assert (
        test["pdus"][0]["fields"] | {"system_type": "VMS", "addr_ton": 1}
        == (test["pdus"][0]["fields"])
    )
    assert test["pdus"][0]["fields"]["address_range"] == "^33"


def test_every_part_carries_the_credential_s_tlvs(tested, credential):
    credential.tlvs = [{"tag": "0x1400", "type": "cstring", "value": "12"}]
    credential.throughput = 1000
    credential.save()
    submits = [line for line in tested(body="x" * 200)["pdus"] if line["command"] == "submit_sm"]
    assert len(submits) == 2
    assert {line["fields"]["0x1400"] for line in submits} == {"313200"}
    assert all(line["hex"].endswith("14000003313200") for line in submits)


@pytest.mark.parametrize("verify", ["full", "none"])
def test_certificates_are_checked_as_the_credential_says(tested, system, credential, smsc, verify):
    credential.tls, credential.port, credential.tls_verify = True, smsc.tls_port, verify
    credential.tls_server_name = "localhost" if verify == "full" else "elsewhere.example"
    credential.tls_ca = smsc.certificate if verify == "full" else None
    credential.save()
    test = tested()
    assert (test["status"], test["error"]) == ("delivered", None)
    detail = next(step["detail"] for step in test["steps"] if step["step"] == "tls")
    said = "valid for localhost" if verify == "full" else "not checked"
    assert said in detail
    assert test["tls_verified"] is (verify == "full")


def test_a_long_text_goes_out_in_parts(tested, system, credential):
    credential.throughput = 1000
    credential.save()
    text = "ж" * 66 + "😀" + "я" * 100
    test = tested(body=text)
    assert (test["status"], test["encoding"], test["segments"]) == ("delivered", "ucs2", 3)
    assert "".join(submit.text for submit in system.submits) == text


@pytest.mark.parametrize(
    ("fault", "format_", "status"),
    [
        ("hex-ids", "receipt_decimal", "delivered"),
        ("decimal-ids", "receipt_hex", "delivered"),
        ("equal-ids", "same", "delivered"),
        ("receipt:EXPIRED", "same", "undelivered"),
        ("no-receipt", "same", "no_receipt"),
    ],
)
def test_receipts_decide(tested, system, credential, settings, fault, format_, status):
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = 0.3 if status == "no_receipt" else 10
    system.faults = [fault]
    credential.message_id_format = format_
    credential.save()
    assert tested()["status"] == status


@pytest.mark.parametrize(
    ("fault", "cause", "status"),
    [
        ("wrong-password", "wrong_password", "ESME_RINVPASWD"),
        ("already-bound:0", "already_bound", "ESME_RALYBND"),
        ("throttled", "throttled", "ESME_RTHROTTLED"),
        ("bind-fail", "bind_refused", "ESME_RBINDFAIL"),
    ],
)
def test_a_failure_is_named_with_its_status(tested, system, fault, cause, status):
    system.faults = [fault]
    test = tested()
    assert (test["status"], test["error"]["cause"]) == ("failed", cause)
    assert test["smpp_status"]["name"] == status
    assert set(test["smpp_status"]) == {"value", "name", "meaning", "hint"}
    assert test["error"]["hint"] == test["smpp_status"]["hint"]
    assert test["finished_at"]


def test_a_failure_without_a_status_is_named_too(tested, credential):
    credential.port = dead_port()
    credential.save()
    test = tested()
    assert (test["status"], test["error"]["cause"]) == ("failed", "connection_refused")
    assert test["error"]["hint"]
    assert test["smpp_status"] is None


def test_a_certificate_that_does_not_stand_the_check_is_named(tested, credential, smsc):
    credential.tls, credential.port = True, smsc.tls_port
    credential.save()
    test = tested()
    assert (names(test)[-1], test["error"]["cause"]) == ("tls!", "tls_certificate")


def test_a_transmitter_ends_as_submitted(tested, credential):
    credential.bind_type = "transmitter"
    credential.save()
    test = tested()
    assert (test["status"], test["error"]) == ("submitted", None)
    assert test["finished_at"]


def test_a_live_bind_makes_the_advice_another_one(tested, system, credential):
    bind(credential, "bound")
    system.faults = ["already-bound:0"]
    assert "via: gateway" in tested(via="direct")["error"]["hint"]


def test_a_bind_that_came_up_meanwhile_is_not_disturbed(api, credential, system):
    """Between POST and the worker's turn; unless that was asked for."""
    credential.max_binds = 1
    credential.save()
    plain = api.test(via="direct").json()["data"]["id"]
    bind(credential, "bound")
    run.run(plain)
    assert api.read(plain)["error"]["cause"] == "would_disturb"
    assert system.bind_attempts == 0
    forced = api.test(via="direct", force=True).json()["data"]["id"]
    run.run(forced)
    assert api.read(forced)["status"] == "delivered"


def test_it_is_seen_while_it_runs(api, worker, system, monkeypatch):
    """Each step is in the database before the next one begins."""
    seen = []

    class Watching(via_direct.Recorder):
        def step(self, step):
            super().step(step)
            test = rows().get()
            seen.append((test.status, len(test.steps), bool(test.pdus)))

    monkeypatch.setattr(via_direct, "Recorder", Watching)
    worker(api.test)
    assert seen == [
        ("running", 1, False),
        ("running", 2, False),
        ("running", 3, True),
        ("running", 4, True),
        ("submitted", 5, True),
        ("submitted", 6, True),
    ]


def test_a_test_runs_once(api, system):
    test_id = api.test(via="direct").json()["data"]["id"]
    run.run(test_id)
    run.run(test_id)
    run.run("ctst_00000000000000000000000000000000")
    assert len(system.submits) == 1


def test_a_carrier_deleted_meanwhile_ends_it_quietly(api, carrier, system, smsc, monkeypatch):
    test_id = api.test(via="direct").json()["data"]["id"]

    class Deleting(via_direct.Recorder):
        def submitted(self, message_id):
            carrier.delete()
            super().submitted(message_id)

    monkeypatch.setattr(via_direct, "Recorder", Deleting)
    run.run(test_id)
    assert rows().count() == 0
    smsc.wait_for(lambda: system.live_binds == 0)


def test_a_fault_of_ours_ends_it_with_a_cause(api, monkeypatch, caplog):
    def broken(test):
        raise RuntimeError("a bug")

    monkeypatch.setattr(via_direct, "send", broken)
    test_id = api.test(via="direct").json()["data"]["id"]
    run.run(test_id)
    test = api.read(test_id)
    assert (test["status"], test["error"]["cause"]) == ("failed", "internal")
    assert "a bug" in caplog.text
    assert "a bug" not in json.dumps(test)


def test_odd_bytes_of_a_carrier_do_no_harm(tested, credential, settings):
    """NULs where no NUL belongs, an endless id: PostgreSQL would take neither."""
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = 0.3

    odd = pdu.write("deliver_sm", sequence=9, tlvs=[Tlv(RECEIPTED_MESSAGE_ID, b"a\0b")])

    def serve(connection):
        connection.recv(1000)
        connection.sendall(pdu.write("bind_transceiver_resp", sequence=1, system_id="x"))
        connection.recv(1000)
        connection.sendall(odd)
        connection.sendall(pdu.write("submit_sm_resp", sequence=2, message_id="9" * 64))
        connection.sendall(pdu.write("deliver_sm", sequence=10, short_message=b"id:\0 stat:\0"))
        while connection.recv(1000):
            pass

    peer = Peer(serve)
    credential.port = peer.port
    credential.save()
    test = tested()
    peer.close()
    assert test["status"] == "no_receipt"
    assert "\0" not in json.dumps(test)
    assert test["message_id"] == "9" * 64


def test_a_flood_is_not_kept_whole(tested, credential, settings):
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = 0.3

    def serve(connection):
        connection.recv(1000)
        connection.sendall(pdu.write("bind_transceiver_resp", sequence=1, system_id="x"))
        connection.recv(1000)
        for sequence in range(300):
            connection.sendall(pdu.write("deliver_sm", sequence=sequence + 1))
        connection.sendall(pdu.write("submit_sm_resp", sequence=2, message_id="1"))
        while connection.recv(1000):
            pass

    peer = Peer(serve)
    credential.port = peer.port
    credential.save()
    test = tested()
    peer.close()
    assert test["status"] == "no_receipt"
    assert len(test["pdus"]) == via_direct.MAX_PDUS
