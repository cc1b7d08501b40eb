"""command_status values of SMPP 3.4 (§5.1.3) and 5.0: name, meaning, and what to do about each."""

from __future__ import annotations

_PEER_BUG = "One side builds PDUs that the other does not read. Send the PDU trace to the carrier."
_UNUSED = "Orbit never sends this operation. If it comes all the same, ask the carrier what it saw."
_TLV = "The carrier does not take an optional parameter (TLV) that was sent. Ask which it supports."
_TON_NPI = (
    "Ask the carrier which TON/NPI it wants for this kind of number and set it in `addressing`."
)

_SERVICE_TYPE = "The account may not send with this service_type (mostly the empty one). Ask which."

TABLE: dict[int, tuple[str, str, str]] = {
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
        "The carrier knows the system_id and refuses the password. Case counts; some "
        "carriers take 8 characters at most. Rotate to the one that the carrier has.",
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
    # SMPP 5.0 §4.7.6
    0x100: (
        "ESME_RSERTYPUNAUTH",
        "ESME not authorised to use specified service_type",
        _SERVICE_TYPE,
    ),
    0x101: (
        "ESME_RPROHIBITED",
        "ESME prohibited from using specified operation",
        "The account may not do this. Ask the carrier to allow it.",
    ),
    0x102: (
        "ESME_RSERTYPUNAVAIL",
        "Specified service_type is unavailable",
        "The service is down at the carrier. Retry; if it stays, ask when it is back.",
    ),
    0x103: ("ESME_RSERTYPDENIED", "Specified service_type is denied", _SERVICE_TYPE),
    0x104: (
        "ESME_RINVDCS",
        "Invalid data coding scheme",
        "The carrier does not take this alphabet. Ask which it wants for plain texts and set "
        "`gsm_data_coding`; for others it has to take UCS-2 (data_coding 8).",
    ),
    0x105: ("ESME_RINVSRCADDRSUBUNIT", "Source address sub unit is invalid", _TLV),
    0x106: ("ESME_RINVDSTADDRSUBUNIT", "Destination address sub unit is invalid", _TLV),
    0x107: ("ESME_RINVBCASTFREQINT", "Broadcast frequency interval is invalid", _UNUSED),
    0x108: ("ESME_RINVBCASTALIAS_NAME", "Broadcast alias name is invalid", _UNUSED),
    0x109: ("ESME_RINVBCASTAREAFMT", "Broadcast area format is invalid", _UNUSED),
    0x10A: ("ESME_RINVNUMBCAST_AREAS", "Number of broadcast areas is invalid", _UNUSED),
    0x10B: ("ESME_RINVBCASTCNTTYPE", "Broadcast content type is invalid", _UNUSED),
    0x10C: ("ESME_RINVBCASTMSGCLASS", "Broadcast message class is invalid", _UNUSED),
    0x10D: ("ESME_RBCASTFAIL", "broadcast_sm operation failed", _UNUSED),
    0x10E: ("ESME_RBCASTQUERYFAIL", "query_broadcast_sm operation failed", _UNUSED),
    0x10F: ("ESME_RBCASTCANCELFAIL", "cancel_broadcast_sm operation failed", _UNUSED),
    0x110: ("ESME_RINVBCAST_REP", "Number of repeated broadcasts is invalid", _UNUSED),
    0x111: ("ESME_RINVBCASTSRVGRP", "Broadcast service group is invalid", _UNUSED),
    0x112: ("ESME_RINVBCASTCHANIND", "Broadcast channel indicator is invalid", _UNUSED),
}
"""value: (name, meaning, hint)"""

TEMPORARY: dict[int, str] = {
    0x08: "The carrier has a fault of its own and took nothing.",
    0x14: "The carrier's queue for this account or number is full; it drains.",
    0x58: "More was sent in this second than the account may send.",
    0x64: "The receiver is busy and says itself that it will take the message later.",
    0x102: "The service is down at the carrier for now.",
}
"""value: why the same submit may be taken a little later. All others say no to the message itself,
to the account, or to the operation, and say it again."""

THROTTLING = frozenset({0x14, 0x58})
"""Those that also say that too much comes: the whole session pauses."""

WRONG_ACCOUNT = frozenset({0x0D, 0x0E, 0x0F, 0x53})
"""Those that refuse what the carrier handed out: system_id, password, system_type.

ESME_RBINDFAIL is strictly "bind failed", but most carriers answer it to a wrong password (so as not
to tell whether the system_id or the password is wrong). Not among them: ESME_RALYBND,
ESME_RTHROTTLED, ESME_RMSGQFUL, ESME_RSYSERR (the carrier is busy or broken; it may not have checked
the password), ESME_RINVBNDSTS and ESME_RINVCMDID (about the kind of bind), vendor codes (unknown).
"""
