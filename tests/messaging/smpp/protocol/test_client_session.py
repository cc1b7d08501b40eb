"""The session of an SMPP client, without a socket."""

from __future__ import annotations

import struct

import pytest

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.client_session import (
    Answered,
    Broken,
    Delivery,
    Session,
    Unbound,
    Unreadable,
)
from messaging.smpp.protocol.command_ids import IDS

DELIVERY = pdu.write("deliver_sm", sequence=77, source_addr="33612345678", short_message=b"hi")


def heads(data: bytes) -> list[tuple[str, int, int]]:
    """(command, sequence, status) of each PDU."""
    framer, found = pdu.Framer(), []
    framer.feed(data)
    while (raw := framer.next()) is not None:
        head = pdu.header(raw)
        found.append((head.command, head.sequence, head.status))
    return found


def cut(raw: bytes, octets: int) -> bytes:
    return struct.pack(">L", len(raw) - octets) + raw[4:-octets]


@pytest.fixture
def bound() -> Session:
    session = Session()
    session.ask("bind_transceiver", system_id="acme", password="s3cr3tpw")
    session.feed(pdu.write("bind_transceiver_resp", sequence=1))
    session.bytes_to_send()
    return session


def test_answers_find_their_requests_in_any_order(bound: Session) -> None:
    first, second, third = (bound.ask("submit_sm", short_message=b"x") for _ in range(3))

    events = bound.feed(
        pdu.write("submit_sm_resp", sequence=third, message_id="C")
        + pdu.write("submit_sm_resp", sequence=first, message_id="A")
        + pdu.write("generic_nack", sequence=second, status=1)
    )

    assert [(e.sequence, e.status, e.pdu.text("message_id")) for e in events] == [
        (third, 0, "C"),
        (first, 0, "A"),
        (second, 1, ""),
    ]
    assert {e.command for e in events} == {"submit_sm"}
    assert (bound.in_flight, bound.unasked) == (0, 0)


def test_a_generic_nack_with_status_ok_is_a_refusal(bound: Session) -> None:
    sequence = bound.ask("submit_sm", short_message=b"x")

    (event,) = bound.feed(pdu.write("generic_nack", sequence=sequence))

    assert isinstance(event, Answered)
    assert event.status == 0xFF


@pytest.mark.parametrize("sequence", [0, 1, 7, 0xFFFFFFFF])
@pytest.mark.parametrize(
    "command", ["bind_transceiver_resp", "bind_receiver_resp", "bind_transmitter_resp"]
)
def test_a_bind_is_answered_under_any_sequence_and_by_any_bind(command: str, sequence: int) -> None:
    session = Session()
    asked = session.ask("bind_transceiver", system_id="acme")

    (event,) = session.feed(pdu.write(command, sequence=sequence, status=13))

    assert isinstance(event, Answered)
    assert (event.sequence, event.command, event.status) == (asked, "bind_transceiver", 13)


@pytest.mark.parametrize(
    "raw",
    [
        pdu.write("submit_sm_resp", sequence=0, message_id="A"),
        pdu.write("submit_sm_resp", sequence=99, message_id="A"),
        pdu.write("enquire_link_resp", sequence=2),
        pdu.write("deliver_sm_resp", sequence=2),
        pdu.write("generic_nack", sequence=99, status=3),
        struct.pack(">LLLL", 16, 0x80000123, 0, 2),
    ],
)
def test_an_unasked_response_is_counted_and_answers_nothing(bound: Session, raw: bytes) -> None:
    assert bound.ask("submit_sm", short_message=b"x") == 2
    bound.bytes_to_send()

    assert bound.feed(raw) == []

    assert (bound.unasked, bound.in_flight, bound.bytes_to_send()) == (1, 1, b"")
    assert not bound.is_over


def test_an_answer_counts_once_and_not_after_it_was_given_up(bound: Session) -> None:
    answered, forgotten = (bound.ask("submit_sm", short_message=b"x") for _ in range(2))
    bound.forget(forgotten)

    assert len(bound.feed(pdu.write("submit_sm_resp", sequence=answered) * 2)) == 1
    assert bound.feed(pdu.write("submit_sm_resp", sequence=forgotten)) == []
    assert bound.unasked == 2


def test_one_at_a_time_a_response_under_sequence_0_is_matched() -> None:
    session = Session(one_at_a_time=True)
    sequence = session.ask("submit_sm", short_message=b"x")

    assert session.feed(pdu.write("submit_sm_resp", sequence=99)) == []
    (event,) = session.feed(pdu.write("submit_sm_resp", sequence=0, message_id="A"))

    assert isinstance(event, Answered)
    assert event.sequence == sequence


def test_requests_of_the_carrier_are_answered_at_once(bound: Session) -> None:
    asked = b"".join(
        (
            pdu.write("enquire_link", sequence=0),
            pdu.write("query_sm", sequence=45, message_id="1"),
            pdu.write("submit_sm", sequence=46, short_message=b"x"),
            pdu.write("alert_notification", sequence=47),
            pdu.write("outbind", sequence=48, system_id="x"),
            struct.pack(">LLLL", 16, 0x123, 0, 0xFFFFFFFF),
        )
    )

    assert bound.feed(asked) == []

    assert heads(bound.bytes_to_send()) == [
        ("enquire_link_resp", 0, 0),
        ("generic_nack", 45, 3),
        ("generic_nack", 46, 3),
        ("generic_nack", 0xFFFFFFFF, 3),
    ]
    assert bound.bytes_to_send() == b""


@pytest.mark.parametrize("command", ["deliver_sm", "data_sm"])
def test_a_delivery_waits_for_its_user_s_answer(bound: Session, command: str) -> None:
    raw = pdu.write(command, sequence=77, source_addr="33612345678")

    (event,) = bound.feed(raw)

    assert isinstance(event, Delivery)
    assert (event.raw, event.pdu.text("source_addr")) == (raw, "33612345678")
    assert bound.bytes_to_send() == b""
    bound.answer(event, 0x64)
    assert heads(bound.bytes_to_send()) == [(f"{command}_resp", 77, 0x64)]


@pytest.mark.parametrize("padding", [b"\0", b"\0\0\0\0\0", b"\xff"])
def test_octets_behind_a_delivery_change_nothing(bound: Session, padding: bytes) -> None:
    raw = struct.pack(">L", len(DELIVERY) + len(padding)) + DELIVERY[4:] + padding

    (event,) = bound.feed(raw)

    assert isinstance(event, Delivery)
    assert event.pdu.payload == b"hi"


@pytest.mark.parametrize(("status", "said"), [(None, 0x02), (0x64, 0x64)])
def test_an_unreadable_delivery_is_refused_under_its_own_sequence(
    status: int | None, said: int
) -> None:
    session = Session() if status is None else Session(unreadable=status)

    (event,) = session.feed(cut(DELIVERY, 1))

    assert isinstance(event, Unreadable)
    assert (event.sequence, event.raw) == (77, cut(DELIVERY, 1))
    assert "ends before its short_message does" in event.reason
    assert heads(session.bytes_to_send()) == [("deliver_sm_resp", 77, said)]
    assert not session.is_over


def test_the_carrier_s_unbind_is_answered_and_ends_it(bound: Session) -> None:
    events = bound.feed(pdu.write("unbind", sequence=5) + DELIVERY)

    assert [type(event) for event in events] == [Unbound]
    assert heads(bound.bytes_to_send()) == [("unbind_resp", 5, 0)]
    assert bound.is_over


def test_the_answer_to_our_unbind_ends_it(bound: Session) -> None:
    bound.ask("unbind")
    assert not bound.is_over

    (event,) = bound.feed(pdu.write("unbind_resp", sequence=2))

    assert isinstance(event, Answered)
    assert bound.is_over


def test_an_impossible_length_ends_it_after_what_came_before(bound: Session) -> None:
    events = bound.feed(DELIVERY + struct.pack(">LLLL", 15, 4, 0, 1) + DELIVERY)

    assert [type(event) for event in events] == [Delivery, Broken]
    assert "command_length 15" in events[1].reason
    assert bound.is_over
    assert bound.feed(DELIVERY) == []


def test_a_stream_in_pieces_is_the_same(bound: Session) -> None:
    stream = DELIVERY + pdu.write("enquire_link", sequence=9)

    events = [event for octet in stream for event in bound.feed(bytes([octet]))]

    assert [type(event) for event in events] == [Delivery]
    assert heads(bound.bytes_to_send()) == [("enquire_link_resp", 9, 0)]
    assert not bound.has_partial_pdu
    bound.feed(DELIVERY[:9])
    assert bound.has_partial_pdu


def test_an_invalid_request_is_not_sent(bound: Session) -> None:
    with pytest.raises(ValueError, match="source_addr"):
        bound.ask("submit_sm", source_addr="1" * 21)

    assert (bound.in_flight, bound.bytes_to_send()) == (0, b"")


def test_sequences_begin_anew_after_the_last_and_pass_over_those_that_wait(
    bound: Session,
) -> None:
    waiting = bound.ask("submit_sm", short_message=b"x")
    bound._sequence = 0x7FFFFFFE
    last = bound.ask("submit_sm", short_message=b"x")
    assert last == 0x7FFFFFFF

    assert bound.ask("submit_sm", short_message=b"x") == 1
    assert bound.ask("submit_sm", short_message=b"x") == 3 != waiting


def test_each_pdu_is_shown_as_it_goes_and_comes() -> None:
    shown: list[tuple[str, str]] = []
    session = Session(on_pdu=lambda raw, way: shown.append((way, pdu.header(raw).command)))

    session.ask("bind_transceiver", system_id="acme")
    session.feed(pdu.write("bind_transceiver_resp", sequence=1) + pdu.write("unbind", sequence=1))

    assert shown == [
        ("out", "bind_transceiver"),
        ("in", "bind_transceiver_resp"),
        ("in", "unbind"),
        ("out", "unbind_resp"),
    ]


def test_a_repr_shows_neither_password_nor_text(bound: Session) -> None:
    (event,) = bound.feed(DELIVERY)
    bind = pdu.read(pdu.write("bind_transceiver", sequence=1, password="s3cr3tpw"))

    assert "33612345678" not in repr(event)
    assert "s3cr3tpw" not in f"{bind!r} {bound!r} {IDS}"
