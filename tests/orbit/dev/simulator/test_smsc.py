"""A well-behaved carrier, spoken to by smpplib's own client over real sockets."""

from __future__ import annotations

import json
import re
import ssl

import pytest
from smpplib import consts
from smpplib.exceptions import PDUError

from messaging.net.errors import ConnectionLost
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv
from orbit.dev.simulator import SimulatorThread

KINDS = {"transceiver": "TRX", "transmitter": "TX", "receiver": "RX"}


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


# Binds


@pytest.mark.parametrize("kind", KINDS)
def test_all_three_kinds_bind_and_unbind(smsc, acme, esme, kind):
    client = esme()
    assert client.bind(kind).system_id == b"smsc-simulator"
    assert acme.counts()["binds"][0]["kind"] == KINDS[kind]
    assert client.client.unbind().command == "unbind_resp"
    assert acme.live_binds == 0
    assert (acme.bind_attempts, acme.binds_accepted) == (1, 1)


def test_a_bind_works_over_tls(smsc, acme, esme):
    context = ssl.create_default_context(cadata=smsc.certificate)
    context.check_hostname = False  # smpplib gives no name
    client = esme(smsc.tls_port, context=context)
    client.bind()
    assert client.submit(b"over tls").status == 0
    assert b"stat:DELIVRD" in client.receive().short_message
    assert acme.submits[0].text == "over tls"
    client.client.unbind()


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ({"password": "wrong"}, consts.SMPP_ESME_RINVPASWD),
        ({"password": ""}, consts.SMPP_ESME_RINVPASWD),
        ({"system_id": "nobody"}, consts.SMPP_ESME_RINVSYSID),
        ({"system_id": "ACME"}, consts.SMPP_ESME_RINVSYSID),
    ],
)
def test_wrong_credentials_are_refused(smsc, acme, esme, credentials, status):
    with pytest.raises(PDUError) as error:
        esme().bind(**credentials)
    assert error.value.args[1] == status
    assert acme.live_binds == 0


def test_refused_binds_are_counted_by_their_status(smsc, acme, esme):
    for credentials in ({"password": "wrong"}, {"password": "wrong"}, {"system_id": "nobody"}):
        with pytest.raises(PDUError):
            esme().bind(**credentials)
    esme().bind()
    assert dict(acme.binds_refused) == {"ESME_RINVPASWD": 2}
    assert (acme.bind_attempts, acme.binds_accepted, acme.live_binds) == (3, 1, 1)
    assert smsc.unknown_binds == {"nobody": 1}
    assert smsc.connections == 4


def test_several_systems_share_one_port(smsc, acme, esme):
    other = smsc.add_system("other", "hidden")
    esme().bind()
    esme().bind(system_id="other", password="hidden")
    assert (acme.live_binds, other.live_binds) == (1, 1)


def test_a_second_bind_on_a_bound_connection_is_refused(smsc, acme, raw):
    client = raw()
    client.bind()
    assert client.bind().status == consts.SMPP_ESME_RALYBND
    assert acme.live_binds == 1


def test_a_connection_can_bind_again_after_an_unbind(smsc, acme, raw):
    client = raw()
    client.bind()
    assert client.ask("unbind").command == "unbind_resp"
    assert client.bind("receiver").status == 0
    assert acme.counts()["binds"][0]["kind"] == "RX"


def test_a_connection_that_ends_is_no_bind_any_more(smsc, acme, raw):
    client = raw()
    client.bind()
    client.link.close()
    smsc.wait_for(lambda: acme.live_binds == 0)


# Submits


def test_a_submit_is_answered_with_an_id_and_recorded(smsc, acme, esme):
    client = esme()
    client.bind("transmitter")
    answer = client.submit("déjà vu".encode("latin-1"), data_coding=3, registered_delivery=0)
    (submit,) = acme.submits
    assert answer.message_id.decode() == submit.message_id
    assert submit.text == "déjà vu"
    assert submit.short_message == "déjà vu".encode("latin-1")
    assert (submit.source_addr, submit.source_addr_ton, submit.source_addr_npi) == ("ACME", 5, 0)
    assert (submit.destination_addr, submit.dest_addr_ton) == ("33612345678", 1)
    assert (submit.dest_addr_npi, submit.data_coding, submit.esm_class) == (1, 3, 0)
    assert (submit.status, submit.accepted) == ("ESME_ROK", True)
    assert acme.accepted == [submit]


def test_message_ids_are_unique_over_all_systems(smsc, acme, esme):
    smsc.add_system("other", "hidden")
    first, second = esme(), esme()
    first.bind("transmitter")
    second.bind("transmitter", system_id="other", password="hidden")
    ids = [
        client.submit(registered_delivery=0).message_id
        for _ in range(20)
        for client in (first, second)
    ]
    assert len(set(ids)) == 40
    assert all(re.fullmatch(rb"[1-9]\d+", each) for each in ids)


def test_two_carriers_do_not_give_the_same_ids(make_smsc, esme):
    ids = []
    for carrier in (make_smsc(), make_smsc()):
        carrier.add_system("acme", "secret")
        client = esme(carrier.port)
        client.bind("transmitter")
        ids += [client.submit(registered_delivery=0).message_id for _ in range(10)]
    assert len(set(ids)) == 20


def test_a_part_of_a_long_message_keeps_its_header(smsc, acme, esme):
    client = esme()
    client.bind("transmitter")
    udh = b"\x05\x00\x03\x2a\x02\x01"
    client.submit(udh + b"first part", esm_class=0x40, registered_delivery=0)
    (submit,) = acme.submits
    assert (submit.udh, submit.part, submit.text) == (udh, (0x2A, 2, 1), "first part")
    assert submit.short_message == udh + b"first part"
    assert submit.esm_class == 0x40


def test_a_message_payload_is_text_too(smsc, acme, raw):
    client = raw()
    client.bind()
    payload = Tlv(MESSAGE_PAYLOAD, "Привет".encode("utf-16-be"))
    client.submit(short_message=b"", data_coding=8, tlvs=[payload])
    assert client.read()[0].status == 0
    assert acme.submits[0].text == "Привет"


def test_a_receiver_cannot_submit(smsc, acme, raw):
    client = raw()
    client.bind("receiver")
    client.submit()
    assert client.read()[0].status == consts.SMPP_ESME_RINVBNDSTS
    assert acme.submits == []


def test_a_submit_without_a_bind_is_refused(smsc, acme, raw):
    client = raw()
    client.submit()
    assert client.read()[0].status == consts.SMPP_ESME_RINVBNDSTS


def test_a_submit_without_a_destination_is_refused(smsc, acme, raw):
    client = raw()
    client.bind()
    client.submit(destination_addr="")
    assert client.read()[0].status == consts.SMPP_ESME_RINVDSTADR
    assert acme.accepted == []


def test_many_submits_in_flight_are_all_answered(smsc, acme, raw):
    client = raw()
    client.bind("transmitter")
    for n in range(200):
        client.submit(short_message=str(n).encode())
    answers = [client.read() for _ in range(200)]
    assert len({parsed.text("message_id") for _, parsed in answers}) == 200
    sequences = [head.sequence for head, _ in answers]
    assert sequences == sorted(sequences)
    assert [submit.text for submit in acme.submits] == [str(n) for n in range(200)]


# Links, politeness


def test_enquire_link_is_answered_bound_or_not(smsc, acme, raw):
    client = raw()
    assert client.ask("enquire_link").command == "enquire_link_resp"
    client.bind()
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_the_carrier_asks_whether_its_peers_live_and_drops_those_that_do_not_say(make_smsc, raw):
    carrier = make_smsc(enquire_link=0.05)
    system = carrier.add_system("acme", "secret")
    client = raw(carrier.port)
    client.bind()
    for _ in range(3):
        head, _parsed = client.read()
        assert head.command == "enquire_link"
        client.send(pdu.write("enquire_link_resp", sequence=head.sequence))
    assert system.live_binds == 1
    with pytest.raises(ConnectionLost):
        for _ in range(10):  # unanswered
            client.read()
    carrier.wait_for(lambda: system.live_binds == 0)


@pytest.mark.parametrize(
    ("command", "answer", "status"),
    [
        ("data_sm", "data_sm_resp", consts.SMPP_ESME_RINVCMDID),
        ("query_sm", "query_sm_resp", consts.SMPP_ESME_RQUERYFAIL),
        ("alert_notification", "generic_nack", consts.SMPP_ESME_RINVCMDID),
    ],
)
def test_what_this_carrier_does_not_offer_is_refused_politely(
    smsc, acme, raw, command, answer, status
):
    client = raw()
    client.bind()
    head = client.ask(command, message_id="1") if command == "query_sm" else client.ask(command)
    assert (head.command, head.status) == (answer, status)
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_an_unbind_without_a_bind_is_refused(smsc, raw):
    assert raw().ask("unbind").status == consts.SMPP_ESME_RINVBNDSTS


# The event log


def test_the_event_log_tells_what_came_in_without_the_password(smsc, acme, esme):
    client = esme()
    client.bind()
    client.submit(b"hello")
    client.client.unbind()
    text = "".join(smsc.log_lines)
    assert "secret" not in text
    assert b"secret".hex() not in text
    lines = [json.loads(line) for line in smsc.log_lines]
    submit = next(line for line in lines if line.get("command") == "submit_sm")
    assert submit["system"] == "acme"
    assert submit["direction"] == "in"
    assert submit["text"] == "hello"
    assert submit["fields"]["destination_addr"] == "33612345678"
    assert bytes.fromhex(submit["hex"])[4:8] == b"\x00\x00\x00\x04"
    assert {"at", "peer", "session", "sequence", "status"} <= submit.keys()
    events = [line["event"] for line in lines if line.get("session") == submit["session"]]
    assert (events[0], set(events[1:])) == ("connected", {"pdu"})
