"""Commands of SMPP 3.4 (§5.1.2.1) and the broadcasts of 5.0, by number and by name."""

from __future__ import annotations

RESPONSE = 0x80000000
"""The bit of a command_id that marks a response."""

_REQUESTS = {
    0x01: "bind_receiver",
    0x02: "bind_transmitter",
    0x03: "query_sm",
    0x04: "submit_sm",
    0x05: "deliver_sm",
    0x06: "unbind",
    0x07: "replace_sm",
    0x08: "cancel_sm",
    0x09: "bind_transceiver",
    0x0B: "outbind",
    0x15: "enquire_link",
    0x21: "submit_multi",
    0x102: "alert_notification",
    0x103: "data_sm",
    0x111: "broadcast_sm",
    0x112: "query_broadcast_sm",
    0x113: "cancel_broadcast_sm",
}

WITHOUT_ANSWER = frozenset({"outbind", "alert_notification"})
"""Requests that have no response (§4.1.7, §4.12)."""

BINDS = frozenset({"bind_receiver", "bind_transmitter", "bind_transceiver"})

GENERIC_NACK = RESPONSE

NAMES: dict[int, str] = {
    **_REQUESTS,
    **{
        RESPONSE | number: f"{name}_resp"
        for number, name in _REQUESTS.items()
        if name not in WITHOUT_ANSWER
    },
    GENERIC_NACK: "generic_nack",
}
"""Every command_id that has a name."""

IDS: dict[str, int] = {name: number for number, name in NAMES.items()}


def name(command_id: int) -> str:
    """`submit_sm`; `0x00000123` for a number that has no name."""
    return NAMES.get(command_id) or f"0x{command_id:08X}"
