"""What a connector needs to know about its carrier."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from messaging.smpp.protocol.tlv import Tlv

BindType = Literal["transceiver", "transmitter", "receiver"]


class Host(NamedTuple):
    """Where a carrier is reached. An empty `tls_server_name` means `host`."""

    host: str
    port: int
    tls_server_name: str = ""


@dataclass(frozen=True)
class CarrierSettings:
    """Durations are in seconds. `throughput` is in submit_sm/s, 0 for no limit.

    There are `binds` binds of `bind_type`, or so many `pairs` of a transmitter and a receiver; they
    share `window` and `throughput`. `backups` are tried in order where the host fails. `max_binds`:
    how many the carrier allows, 0 if that is not known.

    `senders` has TON and NPI by kind of sender (`messaging.smpp.protocol.ton_npi`); a kind that it
    lacks has `source_ton` and `source_npi`. An empty `tls_ca` means the system's authorities, an
    empty `tls_server_name` means `host`. Certificates and the key are PEM.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    bind_type: BindType = "transceiver"
    binds: int = 1
    pairs: bool = False
    backups: tuple[Host, ...] = ()
    max_binds: int = 0
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
    loss_delay: float = 10.0  # until the next connection after one that ended, or was refused
    fail_delay: float = 10.0  # until the next attempt after one that failed
    # Until a bind is tried again that was refused beside others; doubled with each refusal.
    refusal_delay: float = 30.0
    home_delay: float = 60.0  # until a bind at a backup tries the host; doubled with each failure
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

    @property
    def bind_types(self) -> list[BindType]:
        """The types of all binds, in the order in which they are made."""
        of_each: list[BindType] = ["transmitter", "receiver"] if self.pairs else [self.bind_type]
        return (of_each * self.binds)[: self.max_binds or None]

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The host and its backups, in their order."""
        return (Host(self.host, self.port, self.tls_server_name), *self.backups)

    def at(self, host: Host, bind_type: BindType) -> CarrierSettings:
        """The settings of one bind."""
        if host == self.hosts[0] and bind_type == self.bind_type:
            return self
        where = {"host": host.host, "port": host.port, "tls_server_name": host.tls_server_name}
        return replace(self, bind_type=bind_type, **where)

    def binds_like(self, other: CarrierSettings) -> bool:
        """Whether a bind is made with the same account, password and TLS. The host may differ."""
        return all(getattr(self, name) == getattr(other, name) for name in _OF_A_BIND)

    def but_bound_like(self, other: CarrierSettings) -> CarrierSettings:
        """These settings with the account, hosts and TLS of `other`, for a bind that was made with
        those."""
        return replace(self, **{name: getattr(other, name) for name in (*_OF_A_BIND, *_OF_ALL)})


# What a bind is made with. Other settings change while it lives.
_OF_A_BIND = (
    "system_id",
    "password",
    "system_type",
    "ton",
    "npi",
    "address_range",
    "tls",
    "tls_verify",
    "tls_ca",
    "tls_certificate",
    "tls_key",
)
_OF_ALL = ("host", "port", "tls_server_name", "backups", "account")
