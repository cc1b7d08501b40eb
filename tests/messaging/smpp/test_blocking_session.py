"""Blocking sessions with misbehaving carriers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from messaging.net.deadline import Deadline
from messaging.net.errors import BadStream, ConnectionLost, NoAnswer
from messaging.smpp.blocking_session import LATER, Account, PeerUnbound, Session
from messaging.smpp.link import open_link
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_status import OK
from tests.messaging.net.peers import Peer

ACCOUNT = Account("acme", "s3cr3tpw")


class Script:
    """The carrier's side: `say` sends PDUs, `hear` reads the next one."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._framer = pdu.Framer()

    def say(self, command: str, **fields) -> None:
        self._connection.sendall(pdu.write(command, **{"sequence": 1, **fields}))

    def hear(self) -> pdu.Header:
        while (raw := self._framer.next()) is None:
            data = self._connection.recv(1000)
            if not data:
                raise ConnectionError("the other side has gone")
            self._framer.feed(data)
        return pdu.header(raw)

    def welcome(self) -> None:
        self.hear()
        self.say("bind_transceiver_resp", system_id="smsc")


class Carrier:
    """`run` is the carrier's part in a thread, `heard` what it wrote down; `session` is ours."""

    def __init__(self, run: Callable[[Script, list], None], **options) -> None:
        self.heard: list = []
        self.trace: list[dict] = []
        self._peer = Peer(lambda connection: run(Script(connection), self.heard))
        link = open_link(address="127.0.0.1", port=self._peer.port, deadline=soon())
        self._link = link
        self.session = Session(link, on_pdu=self.trace.append, **options)

    def close(self) -> None:
        self._link.close()
        self._peer.close()

    def join(self) -> None:
        """Wait for the carrier's part to be over."""
        self._peer._thread.join(10)


def soon() -> Deadline:
    return Deadline.after(10)


@pytest.fixture
def carrier() -> Iterator[Callable[..., Carrier]]:
    made: list[Carrier] = []

    def make(run: Callable[[Script, list], None], **options) -> Carrier:
        made.append(Carrier(run, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_is_not_ours_is_held_and_then_left_with_the_carrier(carrier):
    def run(script, heard):
        script.welcome()
        for sequence in (7, 8):
            script.say("deliver_sm", sequence=sequence, source_addr="336", short_message=b"hi")
        while len(heard) < 3:
            heard.append(script.hear())
        script.say("deliver_sm", sequence=9)
        script.say("unbind_resp", sequence=2)
        heard.append(script.hear())

    made = carrier(run)
    session = made.session
    assert session.bind(ACCOUNT, deadline=soon()) == OK
    first = session.delivery(deadline=soon())
    assert first.pdu.text("source_addr") == "336"
    session.answer(first, OK, deadline=soon())
    session.unbind(deadline=soon())
    made.join()
    answers = {(head.command, head.sequence, head.status) for head in made.heard}
    assert answers == {
        ("deliver_sm_resp", 7, 0),
        ("deliver_sm_resp", 8, LATER.value),
        ("unbind", 2, 0),
        ("deliver_sm_resp", 9, LATER.value),
    }


def test_what_the_carrier_asks_meanwhile_is_answered(carrier):
    def run(script, heard):
        script.welcome()
        script.hear()
        script.say("enquire_link", sequence=44)
        script.say("query_sm", sequence=45, message_id="1")
        script.say("alert_notification", sequence=46)
        script.say("enquire_link_resp", sequence=99)
        script.say("submit_sm_resp", sequence=1234, message_id="nobody's")
        heard.extend([script.hear(), script.hear()])
        script.say("submit_sm_resp", sequence=0, message_id="77")

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    submitted = made.session.submit(deadline=soon(), destination_addr="336", short_message=b"x")
    assert (submitted.status, submitted.message_id) == (OK, "77")
    assert [(h.command, h.sequence, h.status) for h in made.heard] == [
        ("enquire_link_resp", 44, 0),
        ("generic_nack", 45, 3),
    ]


@pytest.mark.parametrize(("status", "name"), [(0, "ESME_RUNKNOWNERR"), (3, "ESME_RINVCMDID")])
def test_a_nack_is_never_a_yes(carrier, status, name):
    def run(script, heard):
        script.hear()
        script.say("generic_nack", status=status)

    assert carrier(run).session.bind(ACCOUNT, deadline=soon()).name == name


def test_an_answer_without_an_id_has_none(carrier):
    def run(script, heard):
        script.welcome()
        script.hear()
        script.say("submit_sm_resp", sequence=2, message_id="")

    session = carrier(run).session
    session.bind(ACCOUNT, deadline=soon())
    assert session.submit(deadline=soon(), short_message=b"x").message_id == ""


def test_an_unbind_of_the_carrier_s_ends_the_session(carrier):
    def run(script, heard):
        script.welcome()
        script.say("unbind", sequence=5)
        heard.append(script.hear())

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    with pytest.raises(PeerUnbound, match="ended the session"):
        made.session.delivery(deadline=soon())
    assert made.session.is_over


@pytest.mark.parametrize("cut", [b"", pdu.write("submit_sm_resp", sequence=2)[:9]])
def test_a_connection_that_goes_away_ends_it(carrier, cut):
    def run(script, heard):
        script.welcome()
        script.hear()
        script._connection.sendall(cut)

    session = carrier(run).session
    session.bind(ACCOUNT, deadline=soon())
    with pytest.raises(ConnectionLost, match="middle of a PDU" if cut else "closed") as error:
        session.submit(deadline=soon(), short_message=b"x")
    assert ("middle" in str(error.value)) is bool(cut)
    assert session.is_over


def test_silence_is_over_at_the_deadline_and_the_session_is_not(carrier):
    def run(script, heard):
        script.welcome()
        heard.append(script.hear())

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    with pytest.raises(NoAnswer):
        made.session.delivery(deadline=Deadline.after(0.05))
    assert not made.session.is_over


def test_a_quiet_link_is_kept_alive(carrier):
    def run(script, heard):
        script.welcome()
        heard.append(script.hear())
        script.say("deliver_sm", sequence=3, source_addr="336")
        script.hear()

    made = carrier(run, keepalive=0.02)
    made.session.bind(ACCOUNT, deadline=soon())
    assert made.session.delivery(deadline=soon()).pdu.sequence == 3
    assert made.heard[0].command == "enquire_link"


def test_time_passes_without_letting_the_carrier_wait(carrier):
    def run(script, heard):
        script.welcome()
        script.say("enquire_link", sequence=44)
        heard.append(script.hear())
        script.say("deliver_sm", sequence=45)
        script.hear()

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    made.session.idle(0.05)
    assert made.session.delivery(deadline=soon()).pdu.sequence == 45
    assert made.heard[0].command == "enquire_link_resp"


def test_every_pdu_is_traced_and_no_password(carrier):
    def run(script, heard):
        script.welcome()
        script.hear()
        script.say("unbind_resp", sequence=2)

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    made.session.unbind(deadline=soon())
    assert [(line["direction"], line["command"]) for line in made.trace] == [
        ("out", "bind_transceiver"),
        ("in", "bind_transceiver_resp"),
        ("out", "unbind"),
        ("in", "unbind_resp"),
    ]
    assert made.trace[0]["fields"]["password"] == "********"
    assert b"s3cr3tpw".hex() not in str(made.trace)
    assert "s3cr3tpw" not in f"{made.trace} {ACCOUNT!r}"


def test_a_flood_is_left_with_the_carrier(carrier):
    def run(script, heard):
        script.welcome()
        script.hear()
        for sequence in range(150):
            script.say("deliver_sm", sequence=1000 + sequence)
        script.say("submit_sm_resp", sequence=2, message_id="1")
        for _ in range(151):
            heard.append(script.hear())
        script.say("unbind_resp", sequence=3)

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    made.session.submit(deadline=soon(), short_message=b"x")
    made.session.unbind(deadline=soon())
    answers = [head for head in made.heard if head.command == "deliver_sm_resp"]
    assert len({head.sequence for head in answers}) == 150
    assert {head.status for head in answers} == {LATER.value}


def test_a_carrier_that_unbinds_while_we_do_has_ended_it_as_well(carrier):
    def run(script, heard):
        script.welcome()
        heard.append(script.hear())
        script.say("unbind", sequence=5)
        heard.append(script.hear())

    made = carrier(run)
    made.session.bind(ACCOUNT, deadline=soon())
    made.session.unbind(deadline=soon())
    made.join()
    assert [head.command for head in made.heard] == ["unbind", "unbind_resp"]
    assert made.session.is_over


def test_octets_that_are_no_smpp_end_it(carrier):
    def run(script, heard):
        script.welcome()
        script.hear()
        script._connection.sendall((16).to_bytes(4) + b"\xff" * 12)
        script._connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    session = carrier(run).session
    session.bind(ACCOUNT, deadline=soon())
    with pytest.raises(BadStream):
        session.submit(deadline=soon(), short_message=b"x")
    assert session.is_over
