"""Keys of a connector that only the launcher has: typed like Jasmin's own, shown by `smppccm -s`.

Jasmin's fault (protocols/cli/smppccm.py:16): a connector has no key for what carriers agree upon:
how many submits may be in flight, which type of number a name has, whose certificate theirs is.

The cure: keys of our own (`reconciler.gateway_api`), with defaults that a store written by a stock
Jasmin gets too. A stock Jasmin that loads a store of ours keeps them and shows nothing of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from jasmin.protocols.cli import smppccm
from jasmin.protocols.smpp.configs import SMPPClientConfig, UnknownValue

from messaging.smpp.protocol import tlv, ton_npi
from reconciler.gateway_api import MAX_WINDOW

_LANE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,255}")


class Key(NamedTuple):
    """`read` gives what a value means and raises ValueError; `wanted` says what to write."""

    read: Callable[[Any], Any]
    wanted: str
    default: Any = None


def read_tlvs(value: str) -> tuple[tlv.Tlv, ...]:
    """`1400=hex,1401=hex`"""
    pairs = (each.split("=") for each in value.split(","))
    return tuple(tlv.make(f"0x{tag}", "octets", octets) for tag, octets in pairs)


def read_pem(value: str) -> str:
    try:
        pem = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("no PEM in base64") from None
    if "-----BEGIN " not in pem:
        raise ValueError("no PEM in base64")
    return pem


def _read_window(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= MAX_WINDOW:
        raise ValueError(value)
    return value


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(value)
        return value

    return read


def _one_of(*values: str) -> Key:
    return Key(_matches(re.compile("|".join(values))), " or ".join(values))


_PEM = Key(read_pem, "PEM in base64, on one line")
KEYS = {
    "window": Key(_read_window, f"a number from 1 to {MAX_WINDOW}", default=1),
    "lane": Key(_matches(_LANE), "1 to 64 of A-Z a-z 0-9 _ . -"),
    "senders": Key(ton_npi.read_senders, "such as long_code=1/1,short_code=3/0,alphanumeric=5/0"),
    "plus": _one_of("yes", "no"),
    "tls_verify": _one_of("full", "unchecked"),
    "tls_ca": _PEM,
    "tls_server_name": Key(_matches(_NAME), "a host name"),
    "tls_certificate": _PEM,
    "tls_key": _PEM,
    "tlvs": Key(read_tlvs, "such as 1400=31323334,1401=00ff"),
}

changed: list[Callable[[str], None]] = []  # told the cid of a connector whose key was changed


def meaning(config: SMPPClientConfig, key: str) -> Any:
    """What the connector's value of one of these keys means; None where it has none."""
    value = getattr(config, key, KEYS[key].default)
    return None if value is None else KEYS[key].read(value)


def correct() -> None:
    make, put = SMPPClientConfig.__init__, smppccm.JCliSMPPClientConfig.set

    def make_with_keys(self: SMPPClientConfig, **given: Any) -> None:
        make(self, **given)
        for name, key in KEYS.items():
            value = given.get(name, key.default)
            if value is not None or key.default is not None:
                _check(name, value)
            setattr(self, name, value)

    def put_and_tell(self: smppccm.JCliSMPPClientConfig, key: str, value: Any) -> None:
        put(self, key, value)
        for hear in changed:
            hear(self.id)

    SMPPClientConfig.__init__ = make_with_keys
    smppccm.JCliSMPPClientConfig.set = put_and_tell
    for name, key in KEYS.items():
        setattr(SMPPClientConfig, name, key.default)
        smppccm.SMPPClientConfigKeyMap[name] = name
        if key.default is None:
            smppccm.SMPPClientConfigStringKeys.append(name)  # "123" stays a text


def _check(name: str, value: Any) -> None:
    try:
        KEYS[name].read(value)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise UnknownValue(f"{name} must be {KEYS[name].wanted}") from None
