"""Every fault that can be scripted, seen from the other end of the connection."""

from __future__ import annotations

import json
import time

import pytest
from smpplib import consts

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectionLost, NoAnswer
from messaging.smpp.protocol import pdu
from orbit.dev.simulator import FaultError, SimulatorThread


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


def statuses(client, count: int) -> list[int]:
    """Send submits one after the other; the status of each answer."""
    found = []
    for _ in range(count):
        client.submit()
        found.append(client.read()[0].status)
    return found


def is_silent(client) -> bool:
    try:
        client.link.read(deadline=Deadline.after(0.1))
    except NoAnswer:
        return True
    return False


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("wrong-password", consts.SMPP_ESME_RINVPASWD),
        ("bind-fail", consts.SMPP_ESME_RBINDFAIL),
        ("bind-fail:ESME_RINVSYSID", consts.SMPP_ESME_RINVSYSID),
        ("bind-fail:0x404", 0x404),
        ("already-bound:0", consts.SMPP_ESME_RALYBND),
        ("throttled:on=bind", consts.SMPP_ESME_RTHROTTLED),
    ],
)
def test_a_bind_is_refused_as_scripted(smsc, acme, raw, fault, status):
    acme.faults = [fault]
    assert raw().bind().status == status
    assert acme.live_binds == 0


def test_a_refusal_can_end_after_some_attempts(smsc, acme, raw):
    acme.faults = ["bind-fail:first=2"]
    assert [raw().bind().status for _ in range(3)] == [13, 13, 0]


@pytest.mark.parametrize(("fault", "allowed"), [("already-bound", 1), ("already-bound:3", 3)])
def test_only_so_many_binds_are_allowed_and_a_free_one_can_be_taken(
    smsc, acme, raw, fault, allowed
):
    acme.faults = [fault]
    clients = [raw() for _ in range(allowed)]
    assert [client.bind().status for client in clients] == [0] * allowed
    assert raw().bind().status == consts.SMPP_ESME_RALYBND
    clients[0].ask("unbind")
    assert raw().bind().status == 0


def test_a_new_bind_can_kick_the_old_one(smsc, acme, raw):
    acme.faults = ["kick-oldest"]
    old, new = raw(), raw()
    old.bind()
    assert new.bind().status == 0
    with pytest.raises(ConnectionLost):
        old.read()
    assert acme.live_binds == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("throttled", [0x58] * 4),
        ("throttled:first=2", [0x58, 0x58, 0, 0]),
        ("throttled:every=2", [0, 0x58, 0, 0x58]),
        ("refuse:ESME_RINVDSTADR", [0x0B] * 4),
        ("refuse:8:every=4", [0, 0, 0, 8]),
    ],
)
def test_submits_are_refused_as_scripted(smsc, acme, raw, fault, expected):
    acme.faults = [fault]
    client = raw()
    client.bind()
    assert statuses(client, 4) == expected
    assert len(acme.accepted) == expected.count(0)
    assert acme.submit_count == 4


def test_a_refused_submit_has_no_receipt_and_its_status_on_record(smsc, acme, raw):
    acme.faults = ["refuse:ESME_RINVDSTADR"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].status == consts.SMPP_ESME_RINVDSTADR
    assert client.ask("enquire_link").command == "enquire_link_resp"
    (submit,) = acme.submits
    assert (submit.status, submit.accepted) == ("ESME_RINVDSTADR", False)


def test_a_connection_is_dropped_in_the_middle_of_an_answer(smsc, acme, raw):
    acme.faults = ["drop-mid-pdu"]
    client = raw()
    client.bind()
    client.submit()
    with pytest.raises(ConnectionLost):
        client.read()
    dropping = next(json.loads(line) for line in smsc.log_lines if '"dropping"' in line)
    assert 0 < len(dropping["sent"]) / 2 < 32
    assert len(acme.accepted) == 1


def test_a_connection_is_dropped_before_the_answer_with_the_message_taken(smsc, acme, raw):
    acme.faults = ["drop-before-answer:first=1"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    with pytest.raises(ConnectionLost):
        client.read()
    assert len(acme.accepted) == 1
    again = raw()
    again.bind()
    assert again.read()[0].command == "deliver_sm"  # the receipt of the message that was taken
    again.submit()
    assert again.read()[0].status == 0


def test_late_answers_do_not_hold_up_each_other(smsc, acme, raw):
    acme.faults = ["slow:3600:on=submit"]
    client = raw()
    client.bind()
    for _ in range(20):
        client.submit()
    assert client.ask("enquire_link").command == "enquire_link_resp"  # and no answer before it
    assert len(acme.accepted) == 20


def test_an_answer_is_late_by_the_seconds_scripted(smsc, acme, raw):
    acme.faults = ["slow:0.1:on=submit"]
    client = raw()
    client.bind()
    started = time.monotonic()
    client.submit()
    assert client.ask("enquire_link").command == "enquire_link_resp"
    assert client.read()[0].command == "submit_sm_resp"
    assert time.monotonic() - started > 0.09


def test_slow_holds_for_binds_and_links_too(smsc, acme, raw):
    acme.faults = ["slow:0.1"]
    client = raw()
    started = time.monotonic()
    client.bind()
    assert time.monotonic() - started > 0.09
    client.ask("enquire_link")
    assert time.monotonic() - started > 0.19


def test_a_black_hole_takes_the_connection_and_says_nothing(smsc, acme, raw):
    acme.faults = ["blackhole"]
    client = raw()
    client.send(
        pdu.write("bind_transceiver", sequence=1, system_id="acme", password="secret")
        + pdu.write("enquire_link", sequence=2)
    )
    assert is_silent(client)
    smsc.wait_for(lambda: acme.bind_attempts == 1)
    assert acme.live_binds == 0


def test_a_black_hole_can_open_after_the_bind(smsc, acme, raw):
    acme.faults = ["blackhole:on=submit"]
    client = raw()
    assert client.bind().status == 0
    client.submit()
    assert is_silent(client)
    (submit,) = acme.submits
    assert (submit.accepted, submit.status) == (True, "")
    assert acme.live_binds == 1


def test_a_receipt_can_be_missing(smsc, acme, raw):
    acme.faults = ["no-receipt"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].command == "submit_sm_resp"
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_a_receipt_can_be_late_even_when_its_sender_has_gone(smsc, acme, raw):
    acme.faults = ["late-receipt:0.1"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].command == "submit_sm_resp"
    assert client.ask("enquire_link").command == "enquire_link_resp"
    client.link.close()
    smsc.wait_for(lambda: len(acme.waiting) == 1)


def test_a_receipt_can_come_before_the_answer(smsc, acme, raw):
    acme.faults = ["early-receipt"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert [client.read()[0].command for _ in range(2)] == ["deliver_sm", "submit_sm_resp"]


def test_a_receipt_can_come_twice(smsc, acme, raw):
    acme.faults = ["double-receipt"]
    client = raw()
    client.bind()
    client.submit(registered_delivery=1)
    assert client.read()[0].command == "submit_sm_resp"
    first, second = client.read()[1], client.read()[1]
    assert first.payload == second.payload
    assert first.sequence != second.sequence


def ids(client, count: int) -> list[tuple[str, str, str]]:
    """(id in the answer, in the receipt's text, in its TLV) of so many messages."""
    found = []
    for _ in range(count):
        answer = client.submit().message_id.decode()
        receipt = client.receive()
        in_text = receipt.short_message.decode().split()[0].removeprefix("id:")
        found.append((answer, in_text, receipt.receipted_message_id.decode()))
    return found


def test_two_systems_can_give_equal_ids(smsc, acme, esme):
    acme.faults = ["equal-ids"]
    smsc.add_system("other", "hidden", faults=["equal-ids"])
    first, second = esme(), esme()
    first.bind()
    second.bind(system_id="other", password="hidden")
    assert ids(first, 3) == ids(second, 3) == [(n, n, n) for n in ("1", "2", "3")]


def test_ids_can_be_hex_in_the_answer_and_decimal_in_the_receipt(smsc, acme, esme):
    acme.faults = ["hex-ids"]
    client = esme()
    client.bind()
    for answer, in_text, in_tlv in ids(client, 3):
        assert int(answer, 16) == int(in_text)
        assert in_text == in_tlv
        assert answer != in_text


def test_ids_can_be_decimal_in_the_answer_and_hex_in_the_receipt(smsc, acme, esme):
    acme.faults = ["decimal-ids", "equal-ids"]
    client = esme()
    client.bind()
    assert ids(client, 11)[-2:] == [("10", "A", "A"), ("11", "B", "B")]


def test_faults_combine(smsc, acme, esme):
    acme.faults = ["slow:0.05", "hex-ids", "equal-ids", "receipt:UNDELIV", "throttled:first=1"]
    client = esme()
    client.bind()
    assert client.submit().status == consts.SMPP_ESME_RTHROTTLED
    assert client.submit().message_id == b"1"
    assert b"stat:UNDELIV" in client.receive().short_message


def test_faults_change_under_a_live_bind_and_counting_starts_anew(smsc, acme, raw):
    client = raw()
    client.bind()
    assert statuses(client, 1) == [0]
    acme.faults = ["throttled:first=1"]
    assert statuses(client, 2) == [0x58, 0]
    acme.faults = ["throttled:first=1"]
    assert statuses(client, 2) == [0x58, 0]
    acme.faults = []
    assert statuses(client, 1) == [0]
    assert acme.faults == []


def test_a_fault_that_does_not_exist_changes_nothing(smsc, acme):
    acme.faults = ["no-receipt"]
    with pytest.raises(FaultError):
        acme.faults = ["no-such-fault"]
    assert acme.faults == ["no-receipt"]
