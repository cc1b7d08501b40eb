"""Reads the lane's settings of a carrier from Jasmin's configuration of a connector."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import Enum
from typing import Any

from jasmin.protocols.smpp.configs import SMPPClientConfig
from smpp.pdu import constants

from reconciler.launcher.corrections.connector_keys import value_of
from reconciler.launcher.lane.carrier_settings import CarrierSettings, Host

TON, NPI = constants.addr_ton_name_map, constants.addr_npi_name_map
PRIORITY = constants.priority_flag_name_map
REPLACE = constants.replace_if_present_flap_name_map


def to_carrier_settings(config: SMPPClientConfig) -> CarrierSettings:
    return CarrierSettings(
        host=config.host,
        port=config.port,
        system_id=config.username,
        password=config.password,
        system_type=_text(config.systemType),
        bind_type=config.bindOperation,
        binds=config.binds,
        pairs=config.pairs == "yes",
        backups=tuple(Host(*each) for each in value_of(config, "backups") or ()),
        max_binds=config.max_binds,
        ton=enum_number(config.addressTon, TON),
        npi=enum_number(config.addressNpi, NPI),
        address_range=_text(config.addressRange),
        window=config.window,
        throughput=config.submit_sm_throughput,
        enquire_link_interval=config.enquireLinkTimerSecs,
        response_timeout=config.responseTimerSecs,
        bind_timeout=config.sessionInitTimerSecs,
        loss_delay=config.reconnectOnConnectionLossDelay,
        fail_delay=config.reconnectOnConnectionFailureDelay,
        account=account_of(config),
        senders=value_of(config, "senders") or {},
        plus=config.plus != "no",
        source_ton=enum_number(config.source_addr_ton, TON),
        source_npi=enum_number(config.source_addr_npi, NPI),
        destination_ton=enum_number(config.dest_addr_ton, TON),
        destination_npi=enum_number(config.dest_addr_npi, NPI),
        tlvs=value_of(config, "tlvs") or (),
        priority=enum_number(config.priority_flag, PRIORITY),
        protocol_id=config.protocol_id or 0,
        service_type=_text(config.service_type),
        replace_if_present=enum_number(config.replace_if_present_flag, REPLACE),
        default_message_id=config.sm_default_msg_id or 0,
        **_tls(config),
    )


def account_of(config: SMPPClientConfig) -> str:
    """An id that connectors to the same account at the carrier share."""
    account = f"{config.host}\n{config.port}\n{config.username}"
    return config.lane or hashlib.sha256(account.encode()).hexdigest()[:16]


def enum_number(value: Any, names: Mapping[str, int]) -> int:
    """The number of a value that Jasmin has as an enumeration or as its name; 0 for None."""
    if value is None:
        return 0
    return names[value.name if isinstance(value, Enum) else value]


def _tls(config: SMPPClientConfig) -> dict[str, Any]:
    return {
        "tls": bool(config.useSSL) and config.useSSL != "no",
        "tls_verify": "none" if config.tls_verify == "unchecked" else "full",
        "tls_server_name": config.tls_server_name or "",
        **{key: value_of(config, key) or "" for key in ("tls_ca", "tls_certificate", "tls_key")},
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
