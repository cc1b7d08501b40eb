"""Every `error.code` of a message: in which states it stands, what it means, and what to do."""

from __future__ import annotations

from messaging.smpp.protocol.status import OK, STATUSES
from orbit.api.outcomes import Outcome

_FAILED, _UNDELIVERED = "a failed message", "an undelivered message"
_UNKNOWN, _EXPIRED = "a submitted_no_receipt message", "an expired message"
_CHANGED = "Look at your carriers and pools, and send it again."

OUTCOMES = (
    Outcome(
        "NO_ROUTE", _FAILED, "No carrier takes the number any more: it was changed while the "
        "message waited", _CHANGED,
    ),
    Outcome(
        "NO_ELIGIBLE_SENDER", _FAILED, "No sender of the pool may send there any more: it was "
        "changed while the message waited", _CHANGED,
    ),
    Outcome(
        "TEXT_TOO_LONG", _FAILED, "The campaign's text has more than 10 segments with this "
        "recipient's variables", "Shorten the text or the variables.",
    ),
    Outcome(
        "CAMPAIGN_CANCELLED", _FAILED, "Its campaign was cancelled before a carrier had it",
        "Nothing was sent.",
    ),
    Outcome(
        "GATEWAY_REFUSED", _FAILED, "The gateway takes no such message",
        "error.message says why. Nothing was sent.",
    ),
    Outcome(
        "NOT_SENT_IN_TIME", _EXPIRED, "No carrier took it for as long as messages wait",
        "See the binds of your carriers. Nothing was sent: send it again if it is still wanted.",
    ),
    Outcome(
        "EXPIRED", _EXPIRED, "The carrier gave up: the phone was not reached in time",
        "Send it again if it is still wanted.",
    ),
    Outcome(
        "UNDELIV", _UNDELIVERED, "The carrier's receipt says that it can't be delivered",
        "The number may be off, unknown or blocked; the event has the carrier's own code.",
    ),
    Outcome(
        "REJECTD", _UNDELIVERED, "The carrier's receipt says that it was rejected",
        "Ask the carrier, with provider_id: often the sender or the text is not allowed.",
    ),
    Outcome(
        "DELETED", _UNDELIVERED, "The carrier's receipt says that it was deleted",
        "Ask the carrier, with provider_id.",
    ),
    Outcome(
        "NO_RECEIPT", _UNKNOWN, "The carrier has it and sent no receipt in time",
        "Ask the carrier whether receipts are switched on for the account.",
    ),
    Outcome(
        "OUTCOME_UNKNOWN", _UNKNOWN, "A carrier may have it; what became of it is not known",
        "It is not sent again by itself. Ask the carrier before you do.",
    ),
    *(
        Outcome(each.name, _FAILED, f"The carrier answered the submit: {each.meaning}", each.hint)
        for each in STATUSES.values()
        if each is not OK
    ),
)  # fmt: skip
SMPP = "ESME_"  # how the names of SMPP's statuses begin
