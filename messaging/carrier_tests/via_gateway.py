"""Send a test through the gateway, by this credential's bind only (`via: gateway`)."""

from __future__ import annotations

from django.utils import timezone

from messaging import gateway
from messaging.carrier_tests import timeouts
from messaging.carrier_tests.models import CarrierTest, TestStatus
from messaging.carrier_tests.transitions import add_step, end, locked_test, ms_since
from messaging.credentials.bind_state import bind_error, is_verified
from messaging.gateway import Accepted, Refusal, Refused, Submission, Submit
from messaging.smpp.failures import Failure
from messaging.smpp.probe import Step
from messaging.smpp.protocol.segmentation import encode_as

_HINTS = {
    Refusal.NOT_BOUND: "The gateway's bind to this carrier is down. See `bind.error` of the "
    "credential, or test with `via: direct`, which shows each step.",
    Refusal.NOT_SYNCED: "The gateway does not know this credential yet: see `sync` of the "
    "credential. It follows within a second of a change, or with the next pass.",
    Refusal.TOO_FAST: "The credential's own traffic is at its limit. Try again in a moment.",
    Refusal.REJECTED: "The gateway takes this message in no case; the reason is its own.",
    Refusal.UNAVAILABLE: "The gateway is down or restarting; traffic waits too. /readyz names "
    "what is away. `via: direct` does not need it.",
}


def send(test: CarrierTest) -> None:
    """Hand a claimed test to the gateway; `gateway_results` gets its answers and receipts."""
    started = timezone.now()
    answer = _submit(test)
    with locked_test(test.pk) as row:
        accepted = isinstance(answer, Accepted)
        add_step(row, Step("submit", accepted, ms_since(started), _detail(answer)))
        if isinstance(answer, Refused):
            end(row, TestStatus.FAILED, Failure(answer.kind, answer.reason, _hint(answer, test)))
            return
        row.status = TestStatus.SUBMITTED
        row.tls_verified = is_verified(test.credential)
        row.lease_until = timezone.now() + timeouts.receipt_wait()


def _submit(test: CarrierTest) -> Submission:
    trunk = gateway.trunks([test.credential_id])[test.credential_id]
    if isinstance(trunk, Refused):
        return trunk
    text = encode_as(test.body, test.encoding)
    submit = Submit(test.pk, test.dlr_token, test.sender, test.to, text)
    (answer,) = trunk.submit_many([submit])
    return answer


def _detail(answer: Submission) -> str:
    if isinstance(answer, Accepted):
        known_as = f" as {answer.message_id}" if answer.message_id else ""
        return f"the gateway took it{known_as}"
    if isinstance(answer, Refused):
        return answer.reason
    return f"the gateway's answer was lost ({answer.reason}): only a receipt can tell"


def _hint(refused: Refused, test: CarrierTest) -> str:
    hint = _HINTS[refused.kind]
    known = bind_error(test.credential)
    return f"{hint} It says: {known}" if refused.kind is Refusal.NOT_BOUND and known else hint
