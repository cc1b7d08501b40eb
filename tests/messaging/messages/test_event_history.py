"""The events of a message that is refused again and again."""

from __future__ import annotations

from messaging.messages import event_history
from messaging.messages.event_history import ATTEMPT, after_refusal, event

QUEUED = event("queued")


def details(events: list[dict[str, str]]) -> list[str]:
    return [each["detail"] for each in events]


def through(carrier: str, sender: str = "ACME") -> dict[str, str]:
    return event("sending", f"{ATTEMPT}{carrier}, from {sender}")


def test_a_reason_is_written_after_its_attempt():
    events, times = after_refusal(
        [QUEUED, through("north")], "sending", "throttled", "again in 1 s"
    )

    assert details(events) == ["", "through north, from ACME", "throttled; again in 1 s"]
    assert times == 1


def test_the_same_reason_counts_and_says_what_comes_now():
    events = [QUEUED, through("north")]
    for pause in (1, 2, 4):
        events, times = after_refusal(events, "sending", "throttled", f"again in {pause} s")
        assert times == {1: 1, 2: 2, 4: 3}[pause]
        events = [*events, through("north", sender=str(pause))]

    assert details(events)[1:-1] == [
        "through north, from ACME",
        "throttled (3 times); again in 4 s",
    ]


def test_the_first_attempt_at_another_carrier_is_kept():
    events, _ = after_refusal([QUEUED, through("north")], "sending", "throttled")
    for _ in range(3):
        events, _ = after_refusal([*events, through("south")], "sending", "throttled")

    assert details(events)[1:] == [
        "through north, from ACME",
        "throttled (4 times)",
        "through south, from ACME",
    ]


def test_a_reason_that_begins_like_another_one_is_its_own():
    events, _ = after_refusal([QUEUED], "sending", "down")
    events, times = after_refusal(events, "sending", "down and out")
    assert times == 1

    events, times = after_refusal(events, "sending", "down")
    assert (details(events), times) == (["", "down (2 times)", "down and out"], 2)


def test_reasons_without_end_do_not_grow_it():
    events = [QUEUED]
    for number in range(200):
        events, _ = after_refusal([*events, through(f"c{number}")], "sending", f"error {number}")

    assert len(events) == event_history.MOST
    assert (events[0], events[-1]["detail"]) == (QUEUED, "error 199")
