"""Keys of a connector that only the launcher has: set like Jasmin's own, shown by `smppccm -s`.

Jasmin's fault (protocols/cli/smppccm.py:16): a connector has no key for things that carriers
prescribe: the window, how many binds, the TON and NPI of each kind of sender, the certificate to
trust. And after one change of host, port, username, password or systype Jasmin restarts the bind
at every later change (`RequireRestartKeys`).

The cure: keys of our own (`reconciler.gateway_api`) with defaults, also for a store that a stock
Jasmin wrote. A stock Jasmin that loads our store keeps the keys and does not show them. No key
restarts a bind: the lane exchanges binds without a gap.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from jasmin.protocols.cli import smppccm
from jasmin.protocols.smpp.configs import SMPPClientConfig, UnknownValue

from messaging.smpp.protocol import tlv, ton_npi
from reconciler.gateway_api import MAX_BACKUPS, MAX_BINDS, MAX_WINDOW, MOST_BINDS_ALLOWED

_LANE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,255}")


class Key(NamedTuple):
    """`parse` gives what a value means, or raises ValueError; `expected` is for messages."""

    parse: Callable[[Any], Any]
    expected: str
    default: Any = None


def parse_tlvs(value: str) -> tuple[tlv.Tlv, ...]:
    """`1400=hex,1401=hex`"""
    pairs = (each.split("=") for each in value.split(","))
    return tuple(tlv.make(f"0x{tag}", "octets", octets) for tag, octets in pairs)


def parse_pem(value: str) -> str:
    """The PEM in base64. Raises ValueError."""
    try:
        pem = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("no PEM in base64") from None
    if "-----BEGIN " not in pem:
        raise ValueError("no PEM in base64")
    return pem


def parse_backups(value: str) -> tuple[tuple[str, int, str], ...]:
    """`192.0.2.1/2775/smpp.example.com,192.0.2.2/2775/`: address, port, server name for TLS."""
    found = []
    for each in value.split(","):
        address, port, name = each.split("/")
        ipaddress.ip_address(address)
        if not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(port)
        if name and not _NAME.fullmatch(name):
            raise ValueError(name)
        found.append((address, int(port), name))
    if len(found) > MAX_BACKUPS:
        raise ValueError(value)
    return tuple(found)


def _number(least: int, most: int, *, default: int) -> Key:
    def parse(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(value)
        return value

    return Key(parse, f"a number from {least} to {most}", default)


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(value)
        return value

    return parse


def _one_of(*values: str, default: str | None = None) -> Key:
    return Key(_matching(re.compile("|".join(values))), " or ".join(values), default)


_PEM = Key(parse_pem, "PEM in base64, on one line")
KEYS = {
    "window": _number(1, MAX_WINDOW, default=1),
    "lane": Key(_matching(_LANE), "1 to 64 of A-Z a-z 0-9 _ . -"),
    "senders": Key(ton_npi.parse_senders, "such as long_code=1/1,short_code=3/0,alphanumeric=5/0"),
    "plus": _one_of("yes", "no"),
    "tls_verify": _one_of("full", "unchecked"),
    "tls_ca": _PEM,
    "tls_server_name": Key(_matching(_NAME), "a host name"),
    "tls_certificate": _PEM,
    "tls_key": _PEM,
    "tlvs": Key(parse_tlvs, "such as 1400=31323334,1401=00ff"),
    "binds": _number(1, MAX_BINDS, default=1),
    "pairs": _one_of("no", "yes", default="no"),
    "backups": Key(parse_backups, f"up to {MAX_BACKUPS} such as 192.0.2.1/2775/smpp.example.com"),
    "max_binds": _number(0, MOST_BINDS_ALLOWED, default=0),
}

# Called with the cid of a connector after one of its keys was changed.
on_change: list[Callable[[str], None]] = []


def value_of(config: SMPPClientConfig, key: str) -> Any:
    """The parsed value of one of these keys; None if it is not set."""
    value = getattr(config, key, KEYS[key].default)
    return None if value is None else KEYS[key].parse(value)


def correct() -> None:
    make, set_key = SMPPClientConfig.__init__, smppccm.JCliSMPPClientConfig.set

    def init_with_keys(self: SMPPClientConfig, **given: Any) -> None:
        make(self, **given)
        for name, key in KEYS.items():
            value = given.get(name, key.default)
            if value is not None or key.default is not None:
                _check(name, value)
            setattr(self, name, value)

    def set_and_notify(self: smppccm.JCliSMPPClientConfig, key: str, value: Any) -> None:
        set_key(self, key, value)
        for notify in on_change:
            notify(self.id)

    SMPPClientConfig.__init__ = init_with_keys
    smppccm.JCliSMPPClientConfig.set = set_and_notify
    smppccm.RequireRestartKeys.clear()
    for name, key in KEYS.items():
        setattr(SMPPClientConfig, name, key.default)
        smppccm.SMPPClientConfigKeyMap[name] = name
        if key.default is None:
            smppccm.SMPPClientConfigStringKeys.append(name)  # "123" stays a string


def _check(name: str, value: Any) -> None:
    try:
        KEYS[name].parse(value)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise UnknownValue(f"{name} must be {KEYS[name].expected}") from None
