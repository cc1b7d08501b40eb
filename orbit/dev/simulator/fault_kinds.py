"""All kinds of faults, each with its help text, which `smsc_simulator --help` prints."""

from __future__ import annotations

from dataclasses import dataclass

RECEIPT_STATES = {  # §5.2.28 and Appendix B
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault: the type of its value, where it can strike (first = default), its help.

    `value`: "" for none, or "seconds", "status", "count", "state", "word", "error", "octets",
    "tag"; with a "?" behind it, the value may be left out for `default`.
    """

    value: str
    on: tuple[str, ...]
    text: str
    default: str = ""


_ANSWERED = ("submit", "bind")
_BIND, _SUBMIT = ("bind",), ("submit",)

BINDS = {
    "wrong-password": FaultKind("", _BIND, "refuse every bind with ESME_RINVPASWD"),
    "bind-fail": FaultKind(
        "status?", _BIND, "refuse every bind (default ESME_RBINDFAIL)", "ESME_RBINDFAIL"
    ),
    "already-bound": FaultKind(
        "count?", _BIND, "allow N binds (default 1), ESME_RALYBND for the next", "1"
    ),
    "kick-oldest": FaultKind("", _BIND, "a new bind closes the one before it"),
    "cut-keeps-seat": FaultKind(
        "seconds", _BIND, "a bind that is cut counts for already-bound this much longer"
    ),
    "unbind-keeps-seat": FaultKind("seconds", _BIND, "and one that unbinds this much longer"),
    "smpp-5": FaultKind("", _BIND, "answer binds as an SMSC of version 5.0, with a vendor's TLV"),
    "bare-bind-answer": FaultKind("", _BIND, "answer binds without a body"),
}
LINKS = {
    "throttled": FaultKind("", _ANSWERED, "answer ESME_RTHROTTLED"),
    "refuse": FaultKind("status", _SUBMIT, "answer submits with this status (name or number)"),
    "nack": FaultKind(
        "status?",
        _SUBMIT,
        "answer submits with a generic_nack (default ESME_RINVMSGLEN)",
        "ESME_RINVMSGLEN",
    ),
    "needs-tlv": FaultKind(
        "tag", _SUBMIT, "refuse submits without this TLV (ESME_RMISSINGOPTPARAM)"
    ),
    "drop-mid-pdu": FaultKind("", _ANSWERED, "send half of the answer, then close"),
    "drop-before-answer": FaultKind(
        "", _ANSWERED, "take the request, then close without an answer"
    ),
    "slow": FaultKind("seconds", ("all", "submit", "bind"), "answer this many seconds late"),
    "blackhole": FaultKind(
        "", ("bind", "submit"), "never answer (on=submit: answer the bind, then nothing)"
    ),
    "trailing-nuls": FaultKind(
        "count?", _SUBMIT, "N octets (default 1) behind the last field of answers and receipts", "1"
    ),
    "odd-tlvs": FaultKind("", _SUBMIT, "TLVs of a vendor, twice and of a wrong size, in receipts"),
}
IDS = {
    "equal-ids": FaultKind("", _SUBMIT, "message ids 1, 2, 3 … as other systems give them too"),
    "hex-ids": FaultKind("", _SUBMIT, "ids hex in the answer, decimal in the receipt"),
    "decimal-ids": FaultKind("", _SUBMIT, "ids decimal in the answer, hex in the receipt"),
    "padded-ids": FaultKind("", _SUBMIT, "ids with zeros before them in the receipt"),
    "upper-ids": FaultKind(
        "", _SUBMIT, "ids hex: small letters in the answer, capitals in the receipt"
    ),
    "no-id": FaultKind("", _SUBMIT, "answer submits without an id"),
}
RECEIPTS = {
    "no-receipt": FaultKind("", _SUBMIT, "send no delivery receipt"),
    "late-receipt": FaultKind("seconds", _SUBMIT, "send the receipt this many seconds later"),
    "early-receipt": FaultKind("", _SUBMIT, "send the receipt before the answer to the submit"),
    "double-receipt": FaultKind("", _SUBMIT, "send each receipt twice"),
    "receipt": FaultKind("state", _SUBMIT, f"say {', '.join(RECEIPT_STATES)}"),
    "receipt-word": FaultKind(
        "word", _SUBMIT, "write this for the state: FAILED, Delivrd, BUFFRED"
    ),
    "interim": FaultKind("word", _SUBMIT, "before the receipt an interim one with this word"),
    "tlv-receipt": FaultKind("", _SUBMIT, "receipts of two TLVs, without a text"),
    "payload-receipt": FaultKind("", _SUBMIT, "the receipt's text in message_payload"),
    "data-sm-receipt": FaultKind("", _SUBMIT, "receipts by data_sm"),
    "utf16-receipt": FaultKind("", _SUBMIT, "the receipt's text in UTF-16, data_coding 8"),
    "wrong-coding": FaultKind("", _SUBMIT, "the receipt's text in ASCII under data_coding 8"),
    "unmarked-receipt": FaultKind("", _SUBMIT, "esm_class 0 in receipts, and no TLV"),
    "receipt-error": FaultKind("error", _SUBMIT, "write this behind err: (0047, 1024, 0x45, -1)"),
    "network-error": FaultKind(
        "octets", _SUBMIT, "no err: but network_error_code with these octets"
    ),
    "blanks": FaultKind("", _SUBMIT, "blanks behind the colons of the receipt's text"),
    "unknown-form": FaultKind("", _SUBMIT, "a receipt in a form that is not known"),
    "first-part-only": FaultKind("", _SUBMIT, "of a long text, a receipt for its first part alone"),
    "bad-first-part": FaultKind("", _SUBMIT, "UNDELIV, err 021 for the first part of a long text"),
    "forged-receipt": FaultKind(
        "", _SUBMIT, "before it, a stranger's text that reads like a receipt: UNDELIV"
    ),
    "reply": FaultKind("", _SUBMIT, "the text comes back from its number as an inbound text"),
}

KINDS: dict[str, FaultKind] = {**BINDS, **LINKS, **IDS, **RECEIPTS}
