"""Mandatory parameters of each command, in their order on the wire (SMPP 3.4 §4)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from messaging.smpp.protocol.command_ids import BINDS


class Kind(IntEnum):
    INT = 1
    """One octet."""
    TEXT = 2
    """Octets up to a NUL."""
    OCTETS = 3
    """As many octets as the one before them says (sm_length)."""
    DESTINATIONS = 4
    """number_of_dests and the addresses of submit_multi (§4.5.1.1), as they are on the wire."""
    FAILURES = 5
    """no_unsuccess and the addresses with their statuses (§4.5.2.1), as they are on the wire."""


class Field(NamedTuple):
    name: str
    kind: Kind
    limit: int
    """The longest value that may be written, without its NUL. Reading takes any length."""


# Passwords of more than the 8 characters of §5.2.2 are taken by many carriers.
_LIMITS = {
    "address_range": 40,
    "destination_addr": 20,
    "final_date": 16,
    "message_id": 64,
    "password": 16,
    "schedule_delivery_time": 16,
    "service_type": 5,
    "short_message": 254,
    "source_addr": 20,
    "system_id": 15,
    "system_type": 12,
    "validity_period": 16,
    # data_sm and alert_notification have longer addresses (§4.7.1, §4.12.1)
    "long_source_addr": 64,
    "long_destination_addr": 64,
    "esme_addr": 64,
}
_TEXTS = frozenset(_LIMITS) - {"short_message"}
_KINDS = {
    "short_message": Kind.OCTETS,
    "dest_addresses": Kind.DESTINATIONS,
    "unsuccess_smes": Kind.FAILURES,
}


def _layout(names: str) -> tuple[Field, ...]:
    fields = []
    for name in names.split():
        kind = _KINDS.get(name) or (Kind.TEXT if name in _TEXTS else Kind.INT)
        fields.append(Field(name.removeprefix("long_"), kind, _LIMITS.get(name, 0)))
    return tuple(fields)


_SOURCE = "source_addr_ton source_addr_npi source_addr"
_DESTINATION = "dest_addr_ton dest_addr_npi destination_addr"
_TIMES = "schedule_delivery_time validity_period"
_SETTINGS = (
    f"esm_class protocol_id priority_flag {_TIMES} registered_delivery replace_if_present_flag "
    "data_coding sm_default_msg_id short_message"
)
_MESSAGE = _layout(f"service_type {_SOURCE} {_DESTINATION} {_SETTINGS}")
_BIND = _layout("system_id password system_type interface_version addr_ton addr_npi address_range")
_ID = _layout("message_id")

LAYOUTS: dict[str, tuple[Field, ...]] = {
    **dict.fromkeys(BINDS, _BIND),
    **dict.fromkeys((f"{bind}_resp" for bind in BINDS), _layout("system_id")),
    "outbind": _layout("system_id password"),
    "unbind": (),
    "unbind_resp": (),
    "generic_nack": (),
    "enquire_link": (),
    "enquire_link_resp": (),
    "submit_sm": _MESSAGE,
    "submit_sm_resp": _ID,
    "deliver_sm": _MESSAGE,
    "deliver_sm_resp": _ID,
    "submit_multi": _layout(f"service_type {_SOURCE} dest_addresses {_SETTINGS}"),
    "submit_multi_resp": _layout("message_id unsuccess_smes"),
    "data_sm": _layout(
        "service_type source_addr_ton source_addr_npi long_source_addr dest_addr_ton "
        "dest_addr_npi long_destination_addr esm_class registered_delivery data_coding"
    ),
    "data_sm_resp": _ID,
    "query_sm": _layout(f"message_id {_SOURCE}"),
    "query_sm_resp": _layout("message_id final_date message_state error_code"),
    "cancel_sm": _layout(f"service_type message_id {_SOURCE} {_DESTINATION}"),
    "cancel_sm_resp": (),
    "replace_sm": _layout(
        f"message_id {_SOURCE} {_TIMES} registered_delivery sm_default_msg_id short_message"
    ),
    "replace_sm_resp": (),
    "alert_notification": _layout(
        "source_addr_ton source_addr_npi long_source_addr esme_addr_ton esme_addr_npi esme_addr"
    ),
}
"""By command. The broadcasts of SMPP 5.0 are not read: they have names only."""
