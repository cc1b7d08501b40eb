"""What the carrier answered to the submits of a message, and what is done about it."""

from __future__ import annotations

import pytest

from messaging.messages.dispatch import overdue, run
from messaging.messages.dispatch.retry import TRIES
from messaging.messages.models import Message
from messaging.receipts.models import Part
from tests.messaging.messages.dispatch.conftest import bind, make_carrier, read

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

LONG = "x" * 161  # two parts


@pytest.mark.parametrize(
    ("status", "name"),
    [(0x0B, "ESME_RINVDSTADR"), (0x94, "ESME_0x00000094"), (0x401, "ESME_0x00000401")],
)
def test_a_refusal_is_the_end_and_names_its_number(log, send, status, name):
    message = send()
    log.answer(message, status=status, id="")
    log.take()

    row = read(message)
    assert (row.status, row.error_code) == ("failed", name)
    assert name in row.error_message


@pytest.mark.parametrize("status", [0x08, 0x14, 0x58, 0x64])
def test_a_carrier_that_refuses_for_now_is_tried_again_the_same_way(
    organization, log, send, fake, status
):
    message = send()
    log.answer(message, status=status, id="")
    log.take()

    row = read(message)
    assert (row.status, row.claimed_at, row.is_final) == ("sending", None, True)
    _route(organization)
    again = fake.asked[-1]["token"]
    assert again == f"{message.pk}.2"
    log.answer(again)
    log.take()

    after = read(message)
    assert after.status == "sent"
    assert (after.carrier_id, after.sender) == (row.carrier_id, row.sender)


def test_a_gateway_whose_clock_is_years_behind_gives_nothing_up(log, send):
    message = send()
    log.answer(message)
    log.written[-1]["at"] = 0.0
    log.take()

    overdue.end_overdue()

    row = read(message)
    assert (row.status, row.sent_at) == ("sent", message.claimed_at)


def test_then_the_next_carrier_is_tried(organization, log, send, fake):
    second = make_carrier(organization, "second", fallback_order=2)
    message = send()
    for attempt in range(1, TRIES + 1):
        log.answer(f"{message.pk}.{attempt}", status=0x64, id="")
        log.take()
        _route(organization)

    assert [each["through"] for each in fake.asked] == ["north"] * TRIES + ["second"]
    row = read(message)
    assert (row.carrier_id, row.status) == (second.pk, "sending")


def test_a_carrier_whose_bind_falls_meanwhile_is_not_waited_for(organization, log, send, fake):
    second = make_carrier(organization, "second", fallback_order=2)
    message = send()
    log.answer(message, status=0x64, id="")
    log.take()
    bind(read(message).carrier, "unbound")
    _route(organization)

    assert [each["through"] for each in fake.asked] == ["north", "second"]
    assert (read(message).carrier_id, read(message).refusals) == (second.pk, 0)


def test_with_one_carrier_it_goes_round(organization, log, send, fake):
    message = send()
    for attempt in range(1, 2 * TRIES + 1):
        log.answer(f"{message.pk}.{attempt}", status=0x08, id="")
        log.take()
        _route(organization)

    assert len(fake.asked) == 2 * TRIES + 1
    assert read(message).status == "sending"


def test_an_answer_of_a_former_attempt_changes_nothing(organization, log, send):
    message = send()
    log.answer(message, status=0x58, id="")
    log.take()
    _route(organization)
    log.answer(message, status=0x0B, id="")
    log.take()

    assert read(message).status == "sending"


@pytest.mark.parametrize("why", ["expired", "stopped", "unbound"])
def test_what_was_not_sent_chooses_anew(organization, log, send, fake, why):
    message = send()
    log.write("not_sent", token=f"{message.pk}.1", why=why)
    log.take()

    row = read(message)
    assert (row.status, row.carrier_id) == ("sending", None)
    assert row.events[-1]["detail"].endswith(why)
    _route(organization)
    assert fake.asked[-1]["token"] == f"{message.pk}.2"


def test_what_can_never_be_written_fails(log, send):
    message = send()
    log.write("not_sent", token=f"{message.pk}.1", why="unwritable: destination_addr is too long")
    log.take()

    row = read(message)
    assert (row.status, row.error_code) == ("failed", "GATEWAY_REFUSED")
    assert "destination_addr" in row.error_message


def test_a_lost_answer_ends_as_unknown_and_is_not_sent_again(organization, log, send, fake):
    message = send()
    log.no_answer(message)
    log.take()
    _route(organization)

    row = read(message)
    assert (row.status, row.error_code) == ("submitted_no_receipt", "OUTCOME_UNKNOWN")
    assert len(fake.asked) == 1


def test_strange_tokens_and_records_are_passed_over(log, send):
    message = send()
    log.answer("msg_" + "0" * 32 + ".1")
    log.answer("not ours")
    log.write("something_new", whatever=1)
    log.answer(message)
    log.take()

    assert read(message).status == "sent"


class TestParts:
    def test_it_is_sent_once_the_carrier_has_all(self, log, send):
        message = send(body=LONG)
        log.answer(message, id="P1", part=0, parts=2)
        log.take()
        assert read(message).status == "sending"

        log.answer(message, id="P2", part=1, parts=2)
        log.take()

        row = read(message)
        assert (row.status, row.carrier_message_id) == ("sent", "P1")
        assert Part.objects.count() == 2

    def test_a_part_that_is_refused_while_others_are_taken_is_never_sent_again(
        self, organization, log, send, fake
    ):
        message = send(body=LONG)
        log.answer(message, id="P1", part=0, parts=2)
        log.answer(message, id="", status=0x58, part=1, parts=2)  # even for now
        log.take()
        _route(organization)

        row = read(message)
        assert (row.status, row.error_code) == ("undelivered", "ESME_RTHROTTLED")
        assert "part 2 of 2" in row.error_message
        assert "It has 1 of 2 parts" in row.error_message
        assert len(fake.asked) == 1

    def test_all_parts_refused_for_now_are_sent_again(self, organization, log, send, fake):
        message = send(body=LONG)
        for part in (0, 1):
            log.answer(message, id="", status=0x58, part=part, parts=2)
        log.take()
        _route(organization)

        assert len(fake.asked) == 2
        assert read(message).status == "sending"

    def test_a_final_refusal_wins_over_one_for_now(self, log, send):
        message = send(body=LONG)
        log.answer(message, id="", status=0x58, part=0, parts=2)
        log.answer(message, id="", status=0x0B, part=1, parts=2)
        log.take()

        row = read(message)
        assert (row.status, row.error_code) == ("failed", "ESME_RINVDSTADR")

    def test_one_lost_answer_makes_all_unknown(self, log, send):
        message = send(body=LONG)
        log.answer(message, id="P1", part=0, parts=2)
        log.no_answer(message, part=1, parts=2)
        log.take()

        assert read(message).error_code == "OUTCOME_UNKNOWN"


def _route(organization) -> None:
    """As time and the router would."""
    Message.objects.filter(status="sending", claimed_at=None).update(
        next_attempt_at="2026-01-01T00:00:00Z"
    )
    run.dispatch(organization.pk)
