"""What the log says of a message that a platform sent."""

from __future__ import annotations

import json

import pytest

from reconciler.launcher.lane.journal import log_records
from tests.reconciler.launcher.lane.journal.conftest import message

ENDS = {
    "answer": lambda given: log_records.answer(given, 0, "account", 0x58, "ID"),
    "no_answer": lambda given: log_records.no_answer(given, 0, "account", "timeout"),
    "not_sent": lambda given: log_records.not_sent(given, "account", "expired"),
}


@pytest.mark.parametrize(
    ("end", "part", "status", "why"),
    [
        ("answer", 0, 0x58, ""),
        ("no_answer", 0, None, "timeout"),
        ("not_sent", None, None, "expired"),
    ],
)
def test_how_a_platforms_message_ended_is_told_with_its_user(end, part, status, why) -> None:
    given = message("a", parts=2, origin="access", user="acme")

    record = json.loads(ENDS[end](given))

    assert (record["kind"], record["user"]) == ("access", "acme")
    assert (record["token"], record["to"], record["parts"]) == ("a", "+33612345678", 2)
    assert (record["part"], record["status"], record["why"]) == (part, status, why)
