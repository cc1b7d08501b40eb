"""Every `error.code` of a message: in which states it stands, what it means, and what to do."""

from __future__ import annotations

from messaging.smpp.protocol.command_status import OK, STATUSES, Status
from orbit.api.resource_error_codes import ResourceErrorCode

_FAILED, _UNDELIVERED = "a failed message", "an undelivered message"
_UNKNOWN, _EXPIRED = "a submitted_no_receipt message", "an expired message"
_CHANGED = "Look at your carriers and pools, and send it again."


def _hint(status: Status) -> str:
    """The hint of a status; a temporary one does not end the message."""
    if not status.is_temporary:
        return status.hint
    return f"{status.hint} It is tried again, then at the next carrier: {status.why}"


OUTCOMES = (
    ResourceErrorCode(
        "NO_ROUTE", _FAILED, "No carrier takes the number any more: it was changed while the "
        "message waited", _CHANGED,
    ),
    ResourceErrorCode(
        "NO_ELIGIBLE_SENDER", _FAILED, "No sender of the pool may send there any more: it was "
        "changed while the message waited", _CHANGED,
    ),
    ResourceErrorCode(
        "TEXT_TOO_LONG", _FAILED, "The text has more than 10 segments: with this recipient's "
        "variables of a campaign, or in the alphabet of the only carriers there are "
        "(gsm_data_coding)", "Shorten the text or the variables.",
    ),
    ResourceErrorCode(
        "MISSING_VARIABLE", _FAILED, "The recipient of a campaign lacks a variable that its text "
        "names", "Send it to this recipient with the variable.",
    ),
    ResourceErrorCode(
        "CAMPAIGN_CANCELLED", _FAILED, "Its campaign was cancelled before a carrier had it",
        "Nothing was sent.",
    ),
    ResourceErrorCode(
        "OPTED_OUT", _FAILED, "The person has opted out: before a campaign came to them, or while "
        "the message waited", "Nothing was sent or charged. The person opts in again by START; "
        "see /v1/opt-outs.",
    ),
    ResourceErrorCode(
        "GATEWAY_REFUSED", _FAILED, "The gateway takes no such message",
        "error.message says why. Nothing was sent.",
    ),
    ResourceErrorCode(
        "NOT_SENT_IN_TIME", _EXPIRED, "No carrier took it for as long as messages wait",
        "See the binds of your carriers. Nothing was sent: send it again if it is still wanted.",
    ),
    ResourceErrorCode(
        "EXPIRED", _EXPIRED, "The carrier gave up: the phone was not reached in time",
        "Send it again if it is still wanted.",
    ),
    ResourceErrorCode(
        "UNDELIV", _UNDELIVERED, "The carrier's receipt says that it can't be delivered",
        "The number may be off, unknown or blocked; the event has the carrier's own code.",
    ),
    ResourceErrorCode(
        "REJECTD", _UNDELIVERED, "The carrier's receipt says that it was rejected",
        "Ask the carrier, with provider_id: often the sender or the text is not allowed.",
    ),
    ResourceErrorCode(
        "DELETED", _UNDELIVERED, "The carrier's receipt says that it was deleted",
        "Ask the carrier, with provider_id.",
    ),
    ResourceErrorCode(
        "FAILED", _UNDELIVERED, "The carrier's receipt says that it failed",
        "The event has the carrier's own code. Ask the carrier, with provider_id.",
    ),
    ResourceErrorCode(
        "SKIPPED", _UNDELIVERED, "The carrier's receipt says that it was skipped",
        "Ask the carrier, with provider_id.",
    ),
    ResourceErrorCode(
        "NO_RECEIPT", _UNKNOWN, "The carrier has it and sent no receipt in time",
        "Ask the carrier whether receipts are switched on for the account.",
    ),
    ResourceErrorCode(
        "OUTCOME_UNKNOWN", _UNKNOWN, "A carrier may have it; what became of it is not known",
        "It is not sent again by itself. Ask the carrier before you do.",
    ),
    *(
        ResourceErrorCode(
            each.name, _FAILED, f"The carrier answered the submit: {each.meaning}", _hint(each)
        )
        for each in STATUSES.values()
        if each is not OK
    ),
)  # fmt: skip
SMPP = "ESME_"  # how the names of SMPP's statuses begin
