"""Figures of a carrier from counts."""

from __future__ import annotations

import pytest

from messaging.quality.faults import Fault, fault_of
from messaging.quality.figures import Count, Figures, bounds, suspicion
from messaging.quality.outcomes import EDGES, NO_BUCKET, bucket_of, code_of, parts_of


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("UNDELIV 001", Fault.NUMBER),
        ("UNDELIV 27", Fault.NUMBER),
        ("EXPIRED 006", Fault.NUMBER),
        ("ESME_RINVDSTADR", Fault.NUMBER),
        ("ESME_RTHROTTLED", Fault.BUSY),
        ("ESME_RMSGQFUL", Fault.BUSY),
        ("UNDELIV 069", Fault.CARRIER),
        ("UNDELIV 0x1B", Fault.CARRIER),
        ("REJECTD", Fault.CARRIER),
        ("REJECTD other", Fault.CARRIER),
        ("ESME_RSUBMITFAIL", Fault.CARRIER),
        ("UNDELIV 000", Fault.CARRIER),
    ],
)
def test_whose_fault_a_failure_is(code, fault):
    assert fault_of(code)[0] is fault


def test_a_carriers_code_is_kept_if_it_looks_like_one():
    assert code_of("UNDELIV", "0x45") == "UNDELIV 0x45"
    assert code_of("UNDELIV", "no such phone, sorry") == "UNDELIV other"
    assert parts_of("UNDELIV 069") == ("UNDELIV", "069")
    assert parts_of("NO_RECEIPT") == ("NO_RECEIPT", "")


def counted(*counts: tuple[str, str, float | None, int]) -> Figures:
    return Figures().add(
        Count(outcome, code, NO_BUCKET if seconds is None else bucket_of(seconds), count)
        for outcome, code, seconds, count in counts
    )


def test_counts_become_figures():
    found = counted(
        ("delivered", "", 3.0, 90),
        ("undelivered", "UNDELIV 069", 4.0, 5),
        ("undelivered", "UNDELIV 001", 4.0, 3),
        ("waiting", "", None, 2),
        ("refused", "ESME_RSUBMITFAIL", None, 4),
        ("refused", "ESME_RTHROTTLED", None, 7),
        ("refused", "ESME_RINVDSTADR", None, 1),
    )

    assert (found.accepted, found.reported) == (100, 98)
    assert (found.number, found.undelivered, found.busy, found.refused_number) == (3, 5, 7, 1)
    assert found.sample(has_receipts=True) == (90, 90 + 5 + 2 + 4)
    assert found.sample(has_receipts=False) == (100, 104)


def test_seconds_are_those_of_buckets():
    found = counted(
        ("delivered", "", 2.5, 60), ("delivered", "", 25.0, 40), ("waiting", "", None, 9)
    )

    assert (found.quantile(0.5), found.quantile(0.95)) == (3, 30)
    assert Figures().quantile(0.5) is None
    assert counted(("delivered", "", 10**6, 1)).quantile(0.5) == EDGES[-1]


@pytest.mark.parametrize(("good", "of"), [(0, 30), (24, 30), (30, 30), (2400, 3000)])
def test_the_real_rate_is_within_bounds(good, of):
    low, high = bounds(good, of)

    assert 0 <= low <= 100 * good / of <= high <= 100
    assert high - low < (45 if of == 30 else 4)


def test_receipts_faster_than_a_phone_can_answer_are_suspicious():
    usual, forged = ("delivered", "", 4.0, 100), ("delivered", "", 0.2, 100)

    assert suspicion(counted(usual), Figures(), least=30) == ""
    assert "faster than a phone" in suspicion(counted(forged), Figures(), least=30)
    assert suspicion(counted(("delivered", "", 0.2, 29)), Figures(), least=30) == ""


def test_far_fewer_conversions_than_the_others_are_suspicious():
    others = Figures(converted=80, not_converted=20)

    assert suspicion(Figures(converted=70, not_converted=30), others, least=30) == ""
    assert "converted" in suspicion(Figures(converted=20, not_converted=80), others, least=30)
    assert suspicion(Figures(converted=2, not_converted=8), others, least=30) == ""


def test_of_no_message_every_rate_is_possible():
    assert bounds(0, 0) == (0.0, 100.0)
