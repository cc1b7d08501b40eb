"""Results of tests that were sent through the gateway: answers and delivery receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from django.utils import timezone

from messaging.carrier_tests import timeouts
from messaging.carrier_tests.models import CarrierTest, TestStatus
from messaging.carrier_tests.transitions import AlreadyEnded, add_step, end, locked_test, ms_since
from messaging.gateway import NO_ANSWER, NOT_SENT, JasminReport
from messaging.smpp import failures
from messaging.smpp.failures import Failure
from messaging.smpp.probe import Step
from messaging.smpp.protocol.command_status import OK, Status, by_name
from messaging.smpp.protocol.receipt import Receipt, State, state_of

ANSWERED = "the carrier answered the submit with "
OTHERS_AWAITED = ", delivered; the other parts' receipts are awaited"

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


def take(report: JasminReport) -> bool:
    """Take one report of a stock Jasmin; False if its token belongs to no test.

    Reports may come twice, in any order, and after the end; those change nothing.
    """
    known = CarrierTest.objects.filter(dlr_token=report.token).values_list("pk", flat=True)
    test_id = known.first() if report.token else None
    if test_id is None:
        return False
    if report.level == 1 and report.status in _UNANSWERED:
        _unanswered(test_id, _UNANSWERED[report.status])
    elif report.level == 1:
        answered(test_id, _status(report.status), "", report.message_id)
    else:
        word = report.status
        receipt = Receipt((report.message_id,), state_of(word), word, report.error)
        reported(test_id, receipt.state, receipt, "")
    return True


def answered(test_id: str, status: Status | None, part: str, message_id: str) -> None:
    """Record that the carrier has answered all submits of a test; `status` None: an answer was
    lost.

    `part`: the part that `status` is about ("part 2 of 3: "); "" for all parts.
    """
    if status is None:
        _unanswered(test_id, _UNANSWERED[NO_ANSWER])
        return
    with suppress(AlreadyEnded), _under_way(test_id) as test:
        test.message_id = message_id[:65] or test.message_id
        said = f"{part}{ANSWERED}{status.name}"
        add_step(test, Step("submit", status == OK, ms_since(test.started_at), said))
        if status == OK:
            test.lease_until = timezone.now() + timeouts.receipt_wait()  # from the answer on
        else:
            end(test, TestStatus.FAILED, failures.refused(status, "submit", "the submit"))


def not_sent(test_id: str, why: str) -> None:
    """Record that the gateway gave up before handing the test to the carrier."""
    failure = _UNANSWERED[NOT_SENT]
    said = f"{failure.message}: {why}" if why else failure.message
    _unanswered(test_id, replace(failure, message=said))


def reported(test_id: str, state: State | None, receipt: Receipt, part: str) -> None:
    """Record a receipt; `state` is that of the whole text with this receipt.

    `state` None: one part is delivered and the others are awaited. `part`: the receipt's, as in
    `answered`.
    """
    with suppress(AlreadyEnded), _under_way(test_id) as test:
        test.message_id = test.message_id or receipt.ids[0][:65]
        if all(
            step["step"] != "submit" for step in test.steps
        ):  # the answer to the submit comes later
            taken = "its receipt shows it taken"
            add_step(test, Step("submit", True, ms_since(test.started_at), taken))
        word = receipt.word or receipt.state.upper()
        detail = f"{part}{word} (err {receipt.error or 'none'})"
        detail += OTHERS_AWAITED if state is None else ""
        good = state not in (State.UNDELIVERED, State.EXPIRED)
        add_step(test, Step("receipt", good, ms_since(test.started_at), detail))
        if state is State.DELIVERED:
            end(test, TestStatus.DELIVERED)
        elif state is not None and state.is_final:
            why = failures.undelivered(test.message_id, word, receipt.error)
            end(test, TestStatus.UNDELIVERED, why)


def awaited(credential_ids: Collection[str | None]) -> set[str]:
    """The credentials among these whose test awaits a receipt."""
    waiting = CarrierTest.objects.filter(credential__in=credential_ids, finished_at=None)
    return set(waiting.values_list("credential_id", flat=True)) if credential_ids else set()


def stray(credential_id: str, detail: str, numbers: Sequence[str]) -> None:
    """Show a stray receipt of this credential in a test that awaits one, unless it names other
    numbers."""
    waiting = CarrierTest.objects.filter(
        credential=credential_id, status=TestStatus.SUBMITTED, finished_at=None
    )
    for test_id, to in waiting.values_list("pk", "to"):
        if not numbers or any(each.strip().endswith(to[-7:]) for each in numbers):
            with suppress(AlreadyEnded), locked_test(test_id) as test:
                add_step(test, Step("receipt", False, ms_since(test.started_at), detail))


@contextmanager
def _under_way(test_id: str) -> Iterator[CarrierTest]:
    """`locked_test`; also raises AlreadyEnded while the test is queued."""
    with locked_test(test_id) as test:
        if test.status == TestStatus.QUEUED:
            raise AlreadyEnded
        yield test


def _unanswered(test_id: str, failure: Failure) -> None:
    with suppress(AlreadyEnded), _under_way(test_id) as test:
        add_step(test, Step("submit", False, ms_since(test.started_at), failure.message))
        end(test, TestStatus.FAILED, failure)


def _status(name: str) -> Status:
    try:
        return by_name(name)
    except KeyError:
        unknown = by_name("ESME_RUNKNOWNERR")
        return Status(unknown.value, name, "Not a status of SMPP", unknown.hint)
