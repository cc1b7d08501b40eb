"""Trial binds against carriers with every kind of fault."""

from __future__ import annotations

import json
import threading
import time

import pytest

from messaging.net.tls import Tls
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_status import STATUSES
from messaging.smpp.trial_bind import REFUSED, Trial
from tests.messaging.net.peers import dead_port
from tests.messaging.smpp.trials import SECRET, attempt


@pytest.mark.parametrize(
    ("bind_type", "kind"), [("transceiver", "TRX"), ("transmitter", "TX"), ("receiver", "RX")]
)
@pytest.mark.parametrize("tls", [False, True])
def test_good_credentials_are_bound_and_unbound_again(carrier, bind_type, kind, tls):
    port = carrier.tls_port if tls else carrier.port
    secured = Tls("127.0.0.1", authorities=carrier.certificate) if tls else None
    trial = attempt(port, bind_type=bind_type, tls=secured)
    assert (trial.result, trial.reason, trial.connected) == ("bound", "", True)
    assert trial.status.name == "ESME_ROK"
    lines = [json.loads(line) for line in carrier.log_lines]
    commands = [line["command"] for line in lines if line.get("direction") == "in"]
    assert commands == [f"bind_{bind_type}", "unbind"]
    assert carrier.system("acme").live_binds == 0


def test_what_was_configured_is_what_goes_out(carrier):
    attempt(carrier.port, system_type="SMPP", bind_ton=5, bind_npi=1, address_range="^33")
    bind = next(json.loads(line) for line in carrier.log_lines if '"bind_transceiver"' in line)
    assert bind["fields"] == {
        "system_id": "acme",
        "password": "********",
        "system_type": "SMPP",
        "interface_version": 0x34,
        "addr_ton": 5,
        "addr_npi": 1,
        "address_range": "^33",
    }


def test_a_wrong_password_is_refused(carrier):
    trial = attempt(carrier.port, password="wrong")
    assert (trial.result, trial.status.name) == ("refused", "ESME_RINVPASWD")
    assert trial.connected
    assert "ESME_RINVPASWD" in trial.reason


def test_an_unknown_system_id_is_refused(carrier):
    assert attempt(carrier.port, system_id="nobody").status.name == "ESME_RINVSYSID"


@pytest.mark.parametrize("value", sorted(STATUSES.keys() - {0}) + [0x404, 0xFFFFFFFF])
def test_only_a_status_that_judges_the_credentials_is_a_refusal(carrier, value):
    carrier.system("acme").faults = [f"bind-fail:{value}"]
    trial = attempt(carrier.port)
    judged = {"ESME_RINVPASWD", "ESME_RINVSYSID", "ESME_RBINDFAIL", "ESME_RINVSYSTYP"}
    expected = "refused" if trial.status.name in judged else "inconclusive"
    assert (trial.result, trial.status.value) == (expected, value)
    assert trial.status.name in trial.reason


def test_the_refusals_are_these_four():
    assert {0x0D, 0x0E, 0x0F, 0x53} == REFUSED


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("already-bound:0", "ESME_RALYBND"),
        ("throttled:on=bind", "ESME_RTHROTTLED"),
        ("bind-fail:ESME_RSYSERR", "ESME_RSYSERR"),
        ("bind-fail:ESME_RMSGQFUL", "ESME_RMSGQFUL"),
    ],
)
def test_a_carrier_that_is_busy_leaves_it_open(carrier, fault, status):
    carrier.system("acme").faults = [fault]
    trial = attempt(carrier.port)
    assert (trial.result, trial.status.name) == ("inconclusive", status)


def test_a_bind_that_is_live_already_leaves_it_open_and_stays(carrier, raw):
    carrier.system("acme").faults = ["already-bound"]
    assert raw().bind(password=SECRET).status == 0
    trial = attempt(carrier.port)
    assert (trial.result, trial.status.name) == ("inconclusive", "ESME_RALYBND")
    assert "already" in trial.reason
    assert carrier.system("acme").live_binds == 1


@pytest.mark.parametrize("fault", ["drop-before-answer:on=bind", "drop-mid-pdu:on=bind"])
def test_a_connection_that_is_dropped_leaves_it_open(carrier, fault):
    carrier.system("acme").faults = [fault]
    trial = attempt(carrier.port)
    assert (trial.result, trial.status, trial.connected) == ("inconclusive", None, True)
    assert "connection closed before the bind was answered" in trial.reason


@pytest.mark.parametrize("fault", ["blackhole", "slow:30"])
def test_a_carrier_that_does_not_answer_leaves_it_open_at_the_deadline(carrier, fault):
    carrier.system("acme").faults = [fault]
    trial = attempt(carrier.port, timeout=0.3)
    assert (trial.result, trial.status, trial.connected) == ("inconclusive", None, True)
    assert "no answer to the bind within 0.3 s" in trial.reason


def test_a_slow_answer_within_the_deadline_counts(carrier):
    carrier.system("acme").faults = ["slow:0.2:on=bind"]
    assert attempt(carrier.port).result == "bound"


def test_a_dead_port_leaves_it_open():
    port = dead_port()
    trial = attempt(port)
    assert (trial.result, trial.connected) == ("inconclusive", False)
    assert trial.reason == f"connection refused by 127.0.0.1:{port} (smpp.carrier.example)"


def test_a_carrier_that_binds_and_never_unbinds_is_bound_all_the_same(carrier):
    carrier.system("acme").faults = ["slow:30:on=submit", "blackhole:on=submit"]
    assert attempt(carrier.port).result == "bound"


def answer_with(*pdus: bytes, drip: float = 0):
    """Serve: read the bind, send these bytes, wait for the peer to go."""

    def serve(connection):
        connection.recv(1000)
        for raw in pdus:
            for byte in raw if drip else [raw]:
                connection.sendall(bytes([byte]) if drip else byte)
                if drip:
                    time.sleep(drip)
        while connection.recv(1000):
            pass

    return serve


BOUND = pdu.write("bind_transceiver_resp", sequence=1, system_id="x")


def test_a_slow_drip_does_not_stretch_the_deadline(peer):
    """The whole answer takes longer than the deadline, each byte a small part of it."""
    trial = attempt(peer(answer_with(BOUND, drip=0.02)).port, timeout=0.3)
    assert len(BOUND) * 0.02 > 0.3
    assert trial.result == "inconclusive"
    assert "no answer to the bind" in trial.reason


def test_a_drip_after_the_bind_does_not_hold_the_unbind(peer):
    endless = pdu.write("enquire_link", sequence=1) * 10_000
    trial = attempt(peer(answer_with(BOUND, endless)).port)
    assert trial.result == "bound"


def test_a_peer_that_is_no_smsc_leaves_it_open(peer):
    trial = attempt(peer(answer_with(b"SSH-2.0-OpenSSH_9.2\r\n")).port)
    assert (trial.result, trial.connected) == ("inconclusive", True)
    assert "no SMPP" in trial.reason


@pytest.mark.parametrize("status", [0, 3])
def test_a_generic_nack_is_never_a_bind(peer, status):
    nack = pdu.write("generic_nack", sequence=1, status=status)
    trial = attempt(peer(answer_with(nack)).port)
    assert trial.result == "inconclusive"
    assert trial.status.value != 0


def test_what_the_carrier_asks_before_it_answers_is_answered(peer):
    asked = []

    def serve(connection):
        connection.recv(1000)
        connection.sendall(pdu.write("enquire_link", sequence=44))
        asked.append(connection.recv(1000))
        connection.sendall(BOUND)
        connection.recv(1000)

    assert attempt(peer(serve).port).result == "bound"
    head = pdu.header(asked[0])
    assert (head.command, head.sequence) == ("enquire_link_resp", 44)


def test_a_receipt_for_live_traffic_is_left_with_the_carrier(carrier, raw):
    """A trial bind must not swallow what belongs to the bind that carries traffic."""
    system = carrier.system("acme")
    submitter = raw()
    submitter.bind("transmitter", password=SECRET)
    submitter.submit(registered_delivery=1, source_addr="ACME")
    carrier.wait_for(lambda: system.waiting)
    assert attempt(carrier.port).result == "bound"
    carrier.wait_for(lambda: system.live_binds == 1)
    assert system.receipts["acknowledged"] == 0
    assert len(system.waiting) == 1


def test_the_password_is_nowhere(carrier, caplog):
    caplog.set_level("DEBUG")
    trials = [attempt(carrier.port), attempt(carrier.port, system_id="nobody")]
    carrier.system("acme").faults = ["wrong-password"]
    trials.append(attempt(carrier.port))
    trials.append(attempt(dead_port()))
    seen = repr(trials) + caplog.text + "".join(carrier.log_lines)
    assert SECRET not in seen
    assert SECRET.encode().hex() not in seen


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "seventeen_letters"},
        {"password": "pässword"},
        {"password": "a\0b"},
        {"system_id": "sixteen_is_a_lot"},
        {"system_type": "thirteen_char"},
        {"address_range": "x" * 41},
        {"bind_type": "sender"},
    ],
)
def test_what_cannot_go_on_the_wire_is_an_error_and_not_cut(carrier, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))) as error:
        attempt(carrier.port, **wrong)
    assert "seventeen_letters" not in str(error.value)
    assert carrier.connections == 0


def test_many_at_once_do_not_disturb_each_other(carrier):
    results: list[Trial] = []

    def one(n: int) -> None:
        results.append(attempt(carrier.port, password=SECRET if n % 2 else "wrong"))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(trial.result for trial in results) == ["bound"] * 10 + ["refused"] * 10
