"""Test sends through a gateway end as its log says."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.carrier_tests import recovery, run
from messaging.carrier_tests.models import CarrierTest
from tests.messaging.messages.dispatch.conftest import FRANCE

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def make(carrier, fake):
    """A test that the gateway has taken."""

    def made(body: str = "hello", parts: int = 1) -> CarrierTest:
        test = CarrierTest.objects.create(
            carrier=carrier, credential=carrier.credential, via="gateway", to=FRANCE,
            sender="ACME", body=body, encoding="gsm7", segments=parts, dlr_token="t" * 32,
        )  # fmt: skip
        run.run(test.pk)
        return test

    return made


def read(test: CarrierTest) -> CarrierTest:
    return CarrierTest.objects.get(pk=test.pk)


def details(test: CarrierTest) -> list[str]:
    return [step["detail"] for step in read(test).steps]


def test_it_goes_by_its_id(make, fake):
    test = make()

    assert fake.asked[0]["token"] == test.pk
    assert read(test).status == "submitted"


def test_answer_and_receipt_end_it(log, make):
    test = make()
    log.answer(test.pk)
    log.receipt(err="0047")
    log.take()

    row = read(test)
    assert (row.status, row.message_id) == ("delivered", "A1B2C3")
    assert details(test)[1:] == [
        "the carrier answered the submit with ESME_ROK",
        "DELIVRD (err 0047)",
    ]


@pytest.mark.parametrize("status", [0x94, 0x401])
def test_a_refusal_keeps_its_number(log, make, status):
    test = make()
    log.answer(test.pk, status=status, id="")
    log.take()

    row = read(test)
    assert row.status == "failed"
    assert (row.smpp_status["value"], row.smpp_status["name"]) == (status, f"ESME_0x{status:08X}")


def test_what_was_not_sent_says_why(log, make):
    test = make()
    log.write("not_sent", token=test.pk, why="unbound")
    log.take()

    row = read(test)
    assert (row.status, row.cause) == ("failed", "not_sent")
    assert "unbound" in row.error


def test_an_interim_receipt_is_a_step(log, make):
    test = make()
    log.answer(test.pk)
    log.receipt("ACCEPTD")
    log.take()
    assert read(test).status == "submitted"

    log.receipt("UNDELIV", err="099")
    log.take()
    assert read(test).status == "undelivered"


def test_of_several_parts_the_worst_end_wins(log, make):
    test = make("x" * 161, 2)
    for part in (0, 1):
        log.answer(test.pk, id=f"P{part}", part=part, parts=2)
    log.receipt("UNDELIV", id="P0", err="021")
    log.receipt(id="P1")
    log.take()

    row = read(test)
    assert row.status == "undelivered"
    assert details(test)[-1] == "part 1 of 2: UNDELIV (err 021)"


def test_a_carrier_that_reports_one_part_only_has_delivered(log, make):
    test = make("x" * 161, 2)
    for part in (0, 1):
        log.answer(test.pk, id=f"P{part}", part=part, parts=2)
    log.receipt(id="P1")
    log.take()
    assert read(test).status == "submitted"

    CarrierTest.objects.update(lease_until=timezone.now())
    recovery.end_overdue(CarrierTest.objects.all())

    assert read(test).status == "delivered"


def test_a_receipt_of_unknown_form_is_shown_with_its_text(log, make):
    test = make()
    log.answer(test.pk)
    log.deliver(b"00,2601010102,2601010100,,33639980001,ACME,A1B2C3", esm_class=4)
    log.take()

    (said,) = [each for each in details(test) if "form is not known" in each]
    assert "00,2601010102,2601010100,,33639980001,ACME,A1B2C3" in said
    assert read(test).status == "submitted"


def test_a_receipt_that_nearly_matches_says_what_to_set(log, make):
    test = make()
    log.answer(test.pk, id="1A")
    log.receipt(id="26")
    log.take()

    assert "set `message_id_format` to `receipt_decimal`" in details(test)[-1]
    assert read(test).steps[-1]["ok"] is False


def test_a_receipt_of_another_number_is_not_its(log, make):
    test = make()
    log.answer(test.pk)
    log.receipt(id="OTHER", source="33600000000")
    log.take()

    assert details(test)[-1] == "the carrier answered the submit with ESME_ROK"


def test_a_lost_answer_ends_it_and_says_so(log, make):
    test = make("x" * 161, 2)
    log.answer(test.pk, id="P0", part=0, parts=2)
    about = {"cid": log.cid, "account": log.account, "part": 1, "parts": 2}
    log.write("no_answer", token=test.pk, why="connection lost", **about)
    log.take()

    row = read(test)
    assert (row.status, row.cause) == ("failed", "no_answer")
