"""The faults there are, each with a word about it; the command's help and the README have them from
here."""

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
class Kind:
    """One sort of fault: what its value is, where it can strike (first = default), help.

    `value`: "" for none, or "seconds", "status", "count", "state", "word", "error", "octets",
    "tag"; a "?" at the end: may be left out.
    """

    value: str
    on: tuple[str, ...]
    text: str
    default: str = ""


_ANSWERED = ("submit", "bind")
_BIND, _SUBMIT = ("bind",), ("submit",)

BINDS = {
    "wrong-password": Kind("", _BIND, "refuse every bind with ESME_RINVPASWD"),
    "bind-fail": Kind(
        "status?", _BIND, "refuse every bind (default ESME_RBINDFAIL)", "ESME_RBINDFAIL"
    ),
    "already-bound": Kind(
        "count?", _BIND, "allow N binds (default 1), ESME_RALYBND for the next", "1"
    ),
    "kick-oldest": Kind("", _BIND, "a new bind closes the one before it"),
    "cut-keeps-seat": Kind(
        "seconds", _BIND, "a bind that is cut counts for already-bound this much longer"
    ),
    "unbind-keeps-seat": Kind("seconds", _BIND, "and one that unbinds this much longer"),
    "smpp-5": Kind("", _BIND, "answer binds as an SMSC of version 5.0, with a vendor's TLV"),
    "bare-bind-answer": Kind("", _BIND, "answer binds without a body"),
}
LINKS = {
    "throttled": Kind("", _ANSWERED, "answer ESME_RTHROTTLED"),
    "refuse": Kind("status", _SUBMIT, "answer submits with this status (name or number)"),
    "nack": Kind(
        "status?",
        _SUBMIT,
        "answer submits with a generic_nack (default ESME_RINVMSGLEN)",
        "ESME_RINVMSGLEN",
    ),
    "needs-tlv": Kind("tag", _SUBMIT, "refuse submits without this TLV (ESME_RMISSINGOPTPARAM)"),
    "drop-mid-pdu": Kind("", _ANSWERED, "send half of the answer, then close"),
    "drop-before-answer": Kind("", _ANSWERED, "take the request, then close without an answer"),
    "slow": Kind("seconds", ("all", "submit", "bind"), "answer this many seconds late"),
    "blackhole": Kind(
        "", ("bind", "submit"), "never answer (on=submit: answer the bind, then nothing)"
    ),
    "trailing-nuls": Kind(
        "count?", _SUBMIT, "N octets (default 1) behind the last field of answers and receipts", "1"
    ),
    "odd-tlvs": Kind("", _SUBMIT, "TLVs of a vendor, twice and of a wrong size, in receipts"),
}
IDS = {
    "equal-ids": Kind("", _SUBMIT, "message ids 1, 2, 3 … as other systems give them too"),
    "hex-ids": Kind("", _SUBMIT, "ids hex in the answer, decimal in the receipt"),
    "decimal-ids": Kind("", _SUBMIT, "ids decimal in the answer, hex in the receipt"),
    "padded-ids": Kind("", _SUBMIT, "ids with zeros before them in the receipt"),
    "upper-ids": Kind("", _SUBMIT, "ids hex: small letters in the answer, capitals in the receipt"),
    "no-id": Kind("", _SUBMIT, "answer submits without an id"),
}
RECEIPTS = {
    "no-receipt": Kind("", _SUBMIT, "send no delivery receipt"),
    "late-receipt": Kind("seconds", _SUBMIT, "send the receipt this many seconds later"),
    "early-receipt": Kind("", _SUBMIT, "send the receipt before the answer to the submit"),
    "double-receipt": Kind("", _SUBMIT, "send each receipt twice"),
    "receipt": Kind("state", _SUBMIT, f"say {', '.join(RECEIPT_STATES)}"),
    "receipt-word": Kind("word", _SUBMIT, "write this for the state: FAILED, Delivrd, BUFFRED"),
    "interim": Kind("word", _SUBMIT, "before the receipt an interim one with this word"),
    "tlv-receipt": Kind("", _SUBMIT, "receipts of two TLVs, without a text"),
    "payload-receipt": Kind("", _SUBMIT, "the receipt's text in message_payload"),
    "data-sm-receipt": Kind("", _SUBMIT, "receipts by data_sm"),
    "utf16-receipt": Kind("", _SUBMIT, "the receipt's text in UTF-16, data_coding 8"),
    "wrong-coding": Kind("", _SUBMIT, "the receipt's text in ASCII under data_coding 8"),
    "unmarked-receipt": Kind("", _SUBMIT, "esm_class 0 in receipts, and no TLV"),
    "receipt-error": Kind("error", _SUBMIT, "write this behind err: (0047, 1024, 0x45, -1)"),
    "network-error": Kind("octets", _SUBMIT, "no err: but network_error_code with these octets"),
    "blanks": Kind("", _SUBMIT, "blanks behind the colons of the receipt's text"),
    "unknown-form": Kind("", _SUBMIT, "a receipt in a form that nobody knows"),
    "first-part-only": Kind("", _SUBMIT, "of a long text, a receipt for its first part alone"),
    "bad-first-part": Kind("", _SUBMIT, "UNDELIV, err 021 for the first part of a long text"),
    "forged-receipt": Kind(
        "", _SUBMIT, "before it, a stranger's text that reads like a receipt: UNDELIV"
    ),
    "reply": Kind("", _SUBMIT, "the text comes back from its number as an inbound text"),
}

KINDS: dict[str, Kind] = {**BINDS, **LINKS, **IDS, **RECEIPTS}
