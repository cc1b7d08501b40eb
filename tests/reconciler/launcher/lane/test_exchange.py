"""Binds are exchanged when their settings change: others are up before they end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.raw_smsc import SILENCE, Late, RawSmsc, bind_resp, deliver_sm, submit_sm_resp
from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.several_binds import (
    answer,
    bound_over_time,
    change,
    passwords,
    wait_until_bound,
)

ALREADY_BOUND, WRONG_PASSWORD = 0x05, 0x0E


@pytest.fixture
def elsewhere() -> Iterator[RawSmsc]:
    with RawSmsc() as carrier:
        yield carrier


def new_binds(carrier: RawSmsc, password: bytes = b"new") -> int:
    return passwords(carrier)[password]


def test_a_new_password_takes_one_bind_after_another(several, raw_smsc: RawSmsc) -> None:
    program = several(binds=3)
    wait_until_bound(program, raw_smsc, 3)

    change(program, raw_smsc.port, binds=3, password="new")

    until(lambda: new_binds(raw_smsc) == 3 and len(raw_smsc.got("unbind")) == 3)
    assert bound_over_time(raw_smsc) == [1, 2, 3, 4, 3, 4, 3, 4, 3]
    assert len(raw_smsc.binds) == 6


def test_what_is_in_flight_keeps_its_bind_until_it_is_answered(several, raw_smsc) -> None:
    raw_smsc.answers_submits_with(Late(0.5, submit_sm_resp()))
    program = several(binds=2)
    wait_until_bound(program, raw_smsc, 2)
    program.submit(*(program.message() for _ in range(6)))
    until(lambda: len(raw_smsc.submits) == 6)

    change(program, raw_smsc.port, binds=2, password="new")

    assert len(program.wait_for_records(6, "answer")) == 6
    until(lambda: len(raw_smsc.got("unbind")) == 2)
    assert len(program.records) == 6
    assert bound_over_time(raw_smsc) == [1, 2, 3, 2, 3, 2]


def test_a_connector_that_is_moved_is_never_unbound(several, raw_smsc, elsewhere) -> None:
    program = several()
    wait_until_bound(program, raw_smsc, 1)

    change(program, elsewhere.port, account="account2")

    until(lambda: raw_smsc.got("unbind"))
    (bound,), (left,) = elsewhere.sent("bind_transceiver_resp"), raw_smsc.got("unbind")
    assert bound.at < left.at
    program.submit(program.message())
    (told,) = program.wait_for_records(1, "answer")
    assert told["account"] == "account2"
    assert len(elsewhere.submits) == 1


def test_what_comes_on_an_old_bind_belongs_to_the_old_account(several, raw_smsc) -> None:
    raw_smsc.answers_binds_with(bind_resp(), bind_resp(WRONG_PASSWORD))
    program = several()
    wait_until_bound(program, raw_smsc, 1)
    change(program, raw_smsc.port, password="new", account="account2", plus=True)
    until(lambda: program.state()["bind_error"])

    program.submit(program.message())
    raw_smsc.sends(deliver_sm("hi", source="33612345678", destination="ACME", esm_class=0))

    records = program.wait_for_records(2, "answer", "deliver")
    assert {each["account"] for each in records} == {"account1"}
    assert raw_smsc.submits[0].fields["destination_addr"] == "33612345678"


def test_a_password_that_is_refused_costs_nothing_and_is_told(several, raw_smsc) -> None:
    raw_smsc.answers_binds_with(bind_resp(), bind_resp(WRONG_PASSWORD), bind_resp())
    program = several(loss_delay=0.05, window=1)
    wait_until_bound(program, raw_smsc, 1)

    change(program, raw_smsc.port, loss_delay=0.05, window=3, password="wrong")

    until(lambda: program.state()["bind_error"] == "ESME_RINVPASWD")
    assert program.state()["state"] == "BOUND_TRX"
    raw_smsc.answers_submits_with(SILENCE)
    program.submit(*(program.message() for _ in range(3)))
    until(lambda: len(raw_smsc.submits) == 3)  # what needs no new bind counts at once
    answer(raw_smsc, raw_smsc.bound[0])
    program.wait_for_records(3, "answer")
    assert len(raw_smsc.binds) == 2  # the next attempt is later

    change(program, raw_smsc.port, loss_delay=0.05, password="new")

    until(lambda: raw_smsc.got("unbind") and new_binds(raw_smsc))
    assert program.state()["bind_error"] is None


def test_a_host_that_is_dead_leaves_the_old_bind_until_it_is_there(several, raw_smsc) -> None:
    with RawSmsc() as gone:
        port = gone.port
    program = several()
    wait_until_bound(program, raw_smsc, 1)

    change(program, port)

    until(lambda: "no connection" in program.state()["link_error"])
    assert program.submit(program.message())[0]["accepted"]
    assert program.wait_for_records(1, "answer")
    with RawSmsc(port) as back:
        wait_until_bound(program, back, 1)
        until(lambda: raw_smsc.got("unbind"))


def test_an_old_bind_that_is_lost_is_not_made_again(several, raw_smsc, elsewhere) -> None:
    elsewhere.answers_binds_with(bind_resp(WRONG_PASSWORD))
    program = several(binds=2)
    wait_until_bound(program, raw_smsc, 2)
    change(program, elsewhere.port, binds=2)
    until(lambda: program.state()["bind_error"])

    raw_smsc.cuts_all()

    until(lambda: len(elsewhere.binds) > 2)  # it is tried as often as a bind that is alone
    elsewhere.answers_binds_with(bind_resp())
    wait_until_bound(program, elsewhere, 2)
    assert len(raw_smsc.binds) == 2


def test_where_the_carrier_takes_no_second_bind_the_old_one_ends_first(several, raw_smsc) -> None:
    raw_smsc.has_seats(1, after_unbind=0.3)
    program = several()
    wait_until_bound(program, raw_smsc, 1)

    change(program, raw_smsc.port, password="new")

    until(lambda: program.state()["state"] == "BOUND_TRX" and raw_smsc.got("unbind"))
    wait_until_bound(program, raw_smsc, 1)
    statuses = [each.status for each in raw_smsc.sent("bind_transceiver_resp")]
    assert statuses[:2] == [0, ALREADY_BOUND] and statuses[-1] == 0
    assert bound_over_time(raw_smsc) == [1, 0, 1]


def test_one_of_several_ends_for_a_new_one_where_the_carrier_takes_no_more(
    several, raw_smsc
) -> None:
    raw_smsc.has_seats(2, after_unbind=0.3)
    program = several(binds=3)
    until(lambda: program.state()["bind_error"])

    change(program, raw_smsc.port, binds=3, password="new")

    until(lambda: len(raw_smsc.got("unbind")) == 2)
    wait_until_bound(program, raw_smsc, 2)
    until(lambda: passwords(raw_smsc)[b"new"] >= 2)
    assert min(bound_over_time(raw_smsc)[1:]) == 1
    assert program.state()["state"] == "BOUND_TRX"


def test_a_limit_that_a_change_finds_holds_it_up_no_longer_than_the_carrier(
    several, raw_smsc
) -> None:
    raw_smsc.has_seats(2, after_unbind=0.2)
    program = several(binds=2, refusal_delay=1_000)
    wait_until_bound(program, raw_smsc, 2)

    change(program, raw_smsc.port, binds=2, refusal_delay=1_000, password="new")

    until(lambda: len(raw_smsc.got("unbind")) == 2)
    wait_until_bound(program, raw_smsc, 2)
    assert bound_over_time(raw_smsc) == [1, 2, 1, 2, 1, 2]


def test_where_one_bind_is_allowed_no_other_is_asked_for(several, raw_smsc) -> None:
    program = several(max_binds=1)
    wait_until_bound(program, raw_smsc, 1)

    change(program, raw_smsc.port, max_binds=1, password="new")

    until(lambda: new_binds(raw_smsc))
    wait_until_bound(program, raw_smsc, 1)
    assert bound_over_time(raw_smsc) == [1, 0, 1]


def test_a_transceiver_becomes_a_pair(several, raw_smsc) -> None:
    program = several()
    wait_until_bound(program, raw_smsc, 1)

    change(program, raw_smsc.port, pairs=True, bind_type="transmitter")

    until(lambda: raw_smsc.got("unbind"))
    assert bound_over_time(raw_smsc) == [1, 2, 3, 2]
    assert {each["bind_type"] for each in program.state()["sessions"]} == {
        "transmitter",
        "receiver",
    }
