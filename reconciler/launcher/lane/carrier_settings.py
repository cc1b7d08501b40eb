"""What a connector needs to know about its carrier."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from messaging.smpp.protocol.tlv import Tlv


@dataclass(frozen=True)
class CarrierSettings:
    """Durations are in seconds. `throughput` is in submit_sm/s, 0 for no limit.

    `senders` has TON and NPI by kind of sender (`messaging.smpp.protocol.ton_npi`); a kind that it
    lacks has `source_ton` and `source_npi`. An empty `tls_ca` means the system's authorities, an
    empty `tls_server_name` means `host`. Certificates and the key are PEM.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    bind_type: Literal["transceiver", "transmitter", "receiver"] = "transceiver"
    ton: int = 0
    npi: int = 0
    address_range: str = ""
    tls: bool = False
    tls_verify: Literal["full", "none"] = "full"
    tls_ca: str = field(default="", repr=False)
    tls_server_name: str = ""
    tls_certificate: str = field(default="", repr=False)
    tls_key: str = field(default="", repr=False)
    window: int = 1
    throughput: float = 0.0
    enquire_link_interval: float = 30.0
    response_timeout: float = 60.0
    bind_timeout: float = 30.0
    loss_delay: float = 10.0  # until the next connection after one that ended
    fail_delay: float = 10.0  # until the next attempt after one that failed
    account: str = ""  # equal where one connector may get the receipts of the other
    senders: dict[str, tuple[int, int]] = field(default_factory=dict)
    plus: bool = True  # whether numbers keep their +
    source_ton: int = 2
    source_npi: int = 1
    destination_ton: int = 1
    destination_npi: int = 1
    tlvs: tuple[Tlv, ...] = ()
    priority: int = 0
    registered_delivery: int = 1
    protocol_id: int = 0
    service_type: str = ""
    replace_if_present: int = 0
    default_message_id: int = 0
