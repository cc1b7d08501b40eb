"""SMPP 3.4 command_status values (§5.1.3) in the words of somebody who has run trunks.

`describe` names any value, so that an API answer or a log line never shows a bare number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """One command_status.

    `value` is the 32-bit number on the wire, `name` its mnemonic (`ESME_RBINDFAIL`), `meaning`
    what the specification says, `hint` what to do about it (never empty).
    """

    value: int
    name: str
    meaning: str
    hint: str


_PEER_BUG = "One side builds PDUs that the other does not read. Send the PDU trace to the carrier."
_UNUSED = "Orbit never sends this operation. If it comes all the same, ask the carrier what it saw."
_TLV = "The carrier does not take an optional parameter (TLV) that was sent. Ask which it supports."
_TON_NPI = (
    "Ask the carrier which TON/NPI it wants for this kind of number and set it in `addressing`."
)

# value: (name, meaning in §5.1.3, hint)
_TABLE: dict[int, tuple[str, str, str]] = {
    0x00: ("ESME_ROK", "No error", "Nothing to do."),
    0x01: (
        "ESME_RINVMSGLEN",
        "Message length is invalid",
        "The text is longer than the carrier takes in one submit (often 140 octets, or 160 "
        "characters). Long texts must be split into parts.",
    ),
    0x02: ("ESME_RINVCMDLEN", "Command length is invalid", _PEER_BUG),
    0x03: (
        "ESME_RINVCMDID",
        "Invalid command ID",
        "The carrier does not know this operation. Answering a bind with it usually means that it "
        "speaks SMPP 3.3: try `transmitter` or `receiver` instead of `transceiver`.",
    ),
    0x04: (
        "ESME_RINVBNDSTS",
        "Incorrect bind status for given command",
        "Not allowed on this kind of bind: a receiver cannot submit. On a bind: the account may "
        "not use this `bind_type`; ask the carrier which it may.",
    ),
    0x05: (
        "ESME_RALYBND",
        "ESME already in bound state",
        "All binds that the carrier allows for this system_id are in use, here or elsewhere, or an "
        "old one has not timed out yet (a few minutes). Ask how many are allowed; set `max_binds`.",
    ),
    0x06: ("ESME_RINVPRTFLG", "Invalid priority flag", _PEER_BUG),
    0x07: (
        "ESME_RINVREGDLVFLG",
        "Invalid registered delivery flag",
        "The carrier does not give delivery receipts on this account. Have them switched on.",
    ),
    0x08: (
        "ESME_RSYSERR",
        "System error",
        "A fault on the carrier's side, or its catch-all for an account that is blocked, out of "
        "credit, or not allowed from this address. Retry; if it stays, ask the carrier.",
    ),
    0x0A: (
        "ESME_RINVSRCADR",
        "Invalid source address",
        "The carrier refuses this sender. Register it with the carrier, or check its TON/NPI in "
        "`addressing`: alphanumeric senders usually need TON 5, short codes TON 3.",
    ),
    0x0B: (
        "ESME_RINVDSTADR",
        "Invalid destination address",
        "The number is wrong, not served by this carrier, or written in another form than it "
        "wants (with or without `+`, TON/NPI 1/1): see `addressing`.",
    ),
    0x0C: ("ESME_RINVMSGID", "Message ID is invalid", _UNUSED),
    0x0D: (
        "ESME_RBINDFAIL",
        "Bind failed",
        "Most carriers say this for a wrong system_id or password, some also for an address that "
        "they have not allowed. Check both, byte for byte, and have our address allowed.",
    ),
    0x0E: (
        "ESME_RINVPASWD",
        "Invalid password",
        "The carrier knows the system_id and refuses the password. Case counts; more than 8 "
        "characters never work. Rotate to the one that the carrier has.",
    ),
    0x0F: (
        "ESME_RINVSYSID",
        "Invalid system ID",
        "The carrier does not know this system_id on this host and port. Check spelling and case, "
        "and that the account is on this platform (test or live).",
    ),
    0x11: ("ESME_RCANCELFAIL", "Cancel SM failed", _UNUSED),
    0x13: ("ESME_RREPLACEFAIL", "Replace SM failed", _UNUSED),
    0x14: (
        "ESME_RMSGQFUL",
        "Message queue full",
        "The carrier holds too many messages of yours, often for one number that is switched off. "
        "Wait, then send slower.",
    ),
    0x15: (
        "ESME_RINVSERTYP",
        "Invalid service type",
        "The carrier wants another service_type (often empty). On a bind it usually means "
        "`system_type`.",
    ),
    0x33: ("ESME_RINVNUMDESTS", "Invalid number of destinations", _UNUSED),
    0x34: ("ESME_RINVDLNAME", "Invalid distribution list name", _UNUSED),
    0x40: ("ESME_RINVDESTFLAG", "Destination flag is invalid (submit_multi)", _UNUSED),
    0x42: (
        "ESME_RINVSUBREP",
        "Invalid 'submit with replace' request (replace_if_present_flag set)",
        _UNUSED,
    ),
    0x43: (
        "ESME_RINVESMCLASS",
        "Invalid esm_class field data",
        "The carrier refuses the message mode or user data headers: long messages (UDH) may be "
        "switched off for this account.",
    ),
    0x44: ("ESME_RCNTSUBDL", "Cannot submit to distribution list", _UNUSED),
    0x45: (
        "ESME_RSUBMITFAIL",
        "submit_sm or submit_multi failed",
        "The carrier refused the message without saying why: often no route to the number, a "
        "blocked sender or text, or no credit. Its log has the reason. From Orbit's own SMPP "
        "server: no carrier for this number is bound.",
    ),
    0x48: ("ESME_RINVSRCTON", "Invalid source address TON", _TON_NPI),
    0x49: ("ESME_RINVSRCNPI", "Invalid source address NPI", _TON_NPI),
    0x50: ("ESME_RINVDSTTON", "Invalid destination address TON", _TON_NPI),
    0x51: ("ESME_RINVDSTNPI", "Invalid destination address NPI", _TON_NPI),
    0x53: (
        "ESME_RINVSYSTYP",
        "Invalid system_type field",
        "Set `system_type` to what the carrier gave you; most want it empty.",
    ),
    0x54: ("ESME_RINVREPFLAG", "Invalid replace_if_present flag", _PEER_BUG),
    0x55: ("ESME_RINVNUMMSGS", "Invalid number of messages", _UNUSED),
    0x58: (
        "ESME_RTHROTTLED",
        "Throttling error (ESME has exceeded allowed message limits)",
        "You send faster than the carrier allows. Set `throughput` to its limit for this account, "
        "less 10 %, divided by the number of binds. On a bind: too many attempts, wait.",
    ),
    0x61: ("ESME_RINVSCHED", "Invalid scheduled delivery time", _PEER_BUG),
    0x62: (
        "ESME_RINVEXPIRY",
        "Invalid message validity period (expiry time)",
        "The validity is longer or shorter than the carrier takes. Leave it out.",
    ),
    0x63: ("ESME_RINVDFTMSGID", "Predefined message invalid or not found", _UNUSED),
    0x64: (
        "ESME_RX_T_APPN",
        "ESME receiver temporary app error code",
        "The receiving side cannot take this now; the sender keeps it and tries again.",
    ),
    0x65: (
        "ESME_RX_P_APPN",
        "ESME receiver permanent app error code",
        "The receiving side will never take this message; the sender drops it.",
    ),
    0x66: (
        "ESME_RX_R_APPN",
        "ESME receiver reject message error code",
        "The receiving side rejects this message; the sender drops it.",
    ),
    0x67: ("ESME_RQUERYFAIL", "query_sm request failed", _UNUSED),
    0xC0: ("ESME_RINVOPTPARSTREAM", "Error in the optional part of the PDU body", _PEER_BUG),
    0xC1: ("ESME_ROPTPARNOTALLWD", "Optional parameter not allowed", _TLV),
    0xC2: ("ESME_RINVPARLEN", "Invalid parameter length", _PEER_BUG),
    0xC3: (
        "ESME_RMISSINGOPTPARAM",
        "Expected optional parameter missing",
        "The carrier wants a TLV that it did not get, for example the DLT entity and template ids "
        "in India. Ask which.",
    ),
    0xC4: ("ESME_RINVOPTPARAMVAL", "Invalid optional parameter value", _TLV),
    0xFE: (
        "ESME_RDELIVERYFAILURE",
        "Delivery failure (used for data_sm_resp)",
        "The message could not be delivered. The number may be off or unknown.",
    ),
    0xFF: (
        "ESME_RUNKNOWNERR",
        "Unknown error",
        "The carrier gives no reason. Ask it, with the time and the sequence number.",
    ),
}

_VENDOR_HINT = (
    "This carrier's own code. Look it up in its interface guide or ask; on a bind "
    "it is often an account that is suspended or an address that is not allowed."
)

STATUSES: dict[int, Status] = {value: Status(value, *row) for value, row in _TABLE.items()}
"""Every value that §5.1.3 names."""

_BY_NAME: dict[str, Status] = {status.name: status for status in STATUSES.values()}


def describe(value: int) -> Status:
    """The status for `value`. One that §5.1.3 does not name is called by its number in hex."""
    known = STATUSES.get(value)
    if known:
        return known
    # §5.1.3 leaves 0x0400-0x04FF to vendors; carriers use numbers outside of that all the same.
    return Status(value, f"0x{value:08X}", "Vendor specific error, not in SMPP 3.4", _VENDOR_HINT)


def by_name(name: str) -> Status:
    """The status called `name` (`ESME_RTHROTTLED`). Raises KeyError for a name not in §5.1.3."""
    return _BY_NAME[name]


OK = by_name("ESME_ROK")
