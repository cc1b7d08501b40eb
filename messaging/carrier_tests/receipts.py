"""What the gateway reports about tests that went through it."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone

from messaging.carrier_tests import limits
from messaging.carrier_tests.moves import Over, add_step, end, since, unfinished
from messaging.carriers.models import CarrierTest, TestStatus
from messaging.gateway import NO_ANSWER, NOT_SENT, Report
from messaging.smpp import failures
from messaging.smpp.failures import Failure
from messaging.smpp.probe import Step
from messaging.smpp.protocol.receipt import State, state_of
from messaging.smpp.protocol.status import OK, Status, by_name

ANSWERED = "the carrier answered the submit with "

_UNANSWERED = {
    NO_ANSWER: Failure(
        "no_answer",
        "the carrier was given the message, and its answer was lost",
        "The message may have gone out or not: only the carrier's log knows. It is not sent again.",
    ),
    NOT_SENT: Failure(
        "not_sent",
        "the gateway gave up before it gave the message to the carrier",
        "The bind was down for too long. Nothing was sent: test again once it is bound.",
    ),
}


def take(report: Report) -> bool:
    """Take one report; False if its token is no test's.

    Reports may come twice, in any order, and after the end: then they change nothing.
    """
    known = CarrierTest.objects.filter(dlr_token=report.token).values_list("pk", flat=True)
    test_id = known.first() if report.token else None
    if test_id is None:
        return False
    with suppress(Over), unfinished(test_id) as test:
        if test.status == TestStatus.QUEUED:
            return True  # nothing of ours has been sent yet
        if report.level == 1:
            _answered(test, report.status)
        else:
            _reported(test, report.status, report.message_id, report.error)
    return True


def _answered(test: CarrierTest, name: str) -> None:
    if failure := _UNANSWERED.get(name):
        add_step(test, Step("submit", False, since(test.started_at), failure.message))
        end(test, TestStatus.FAILED, failure)
        return
    accepted = name == OK.name
    add_step(test, Step("submit", accepted, since(test.started_at), f"{ANSWERED}{name}"))
    if accepted:
        test.lease_until = timezone.now() + limits.awaiting_receipt()  # it starts only now
    else:
        end(test, TestStatus.FAILED, failures.refused(_status(name), "submit", "the submit"))


def _reported(test: CarrierTest, word: str, message_id: str, error: str) -> None:
    test.message_id = message_id[:64] or test.message_id
    if all(step["step"] != "submit" for step in test.steps):  # the answer's report comes later
        add_step(test, Step("submit", True, since(test.started_at), "its receipt shows it taken"))
    state = state_of(word)
    bad = state in (State.UNDELIVERED, State.EXPIRED)
    detail = f"{word} (err {error or 'none'})"
    add_step(test, Step("receipt", not bad, since(test.started_at), detail))
    if state is State.DELIVERED:
        end(test, TestStatus.DELIVERED)
    elif bad:
        end(test, TestStatus.UNDELIVERED, failures.undelivered(message_id, word, error))


def _status(name: str) -> Status:
    try:
        return by_name(name)
    except KeyError:
        unknown = by_name("ESME_RUNKNOWNERR")
        return Status(unknown.value, name, "Not a status of SMPP", unknown.hint)
