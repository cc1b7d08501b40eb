"""Host names and IP addresses as people type them, normalised. Pure.

Equal hosts must compare equal. A spelling that only the system's resolver understands (`0x7f.1`,
`2130706433`) is refused: it would hide an address from the reader.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna

MAX_NAME = 253  # RFC 1035 §2.3.4, in its text form
MAX_LABEL = 63

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_WRITE = "write a host name (smpp.carrier.example) or an IP address (192.0.2.10)"


def normalise_host(text: str) -> str:
    """`text` in the spelling that is stored and compared.

    Names: lower case, ASCII (IDNA 2008), no dot at the end, labels of at most 63 characters, 253
    in all; `_` is let through because carriers use it. IP addresses: as `ipaddress` writes them,
    an IPv4-mapped one as the IPv4 address that it is.
    Raises ValueError with a message that says what to write instead.
    """
    if not isinstance(text, str) or not text:
        raise ValueError(f"Empty host: {_WRITE}.")
    _refuse_what_is_no_host(text)
    name = text.removesuffix(".")
    literal = _literal(name)
    if literal:
        return literal
    name = _ascii(name)
    # Checked after IDNA: "１２７。１" is a number too once its wide digits are folded.
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise ValueError(
            "This is an IPv4 address in an unusual spelling: write four decimal numbers without "
            "leading zeros, such as 192.0.2.10."
        )
    _check_labels(name)
    return name


def _refuse_what_is_no_host(text: str) -> None:
    """Refuse the usual mistakes, each with what to write instead."""
    if len(text) > MAX_NAME + 1:  # and a dot at the end; in ASCII it only gets longer
        raise ValueError(f"A host name has at most {MAX_NAME} characters, this has {len(text)}.")
    if any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"Spaces and control characters are not allowed: {_WRITE}.")
    if "/" in text or "\\" in text or "?" in text or "#" in text:
        raise ValueError(f"Write the host only, without scheme or path: {_WRITE}.")
    if "@" in text:
        raise ValueError(f"Write the host only, without a user before an @: {_WRITE}.")
    if "%" in text:
        raise ValueError("Zone ids (%eth0) mean nothing outside one machine: leave it out.")
    if "[" in text or "]" in text:
        raise ValueError("Write an IPv6 address without brackets, and the port in `port`.")
    if text.count(":") == 1:
        raise ValueError("Write the host only; the port goes into `port`.")


def _literal(name: str) -> str | None:
    """The canonical form of an IP address; None for a name."""
    try:
        address = ip_address(name)
    except ValueError:
        if ":" in name:
            raise ValueError(f"Not an IPv6 address: {_WRITE}.") from None
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = IPv4Address(address.ipv4_mapped)
    return str(address)


def _ascii(name: str) -> str:
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"Not a host name ({error}): {_WRITE}.") from None


def _check_labels(name: str) -> None:
    if len(name) > MAX_NAME:
        raise ValueError(f"A host name has at most {MAX_NAME} characters, this has {len(name)}.")
    for label in name.split("."):
        if not label:
            raise ValueError(f"A part between two dots is empty: {_WRITE}.")
        if len(label) > MAX_LABEL:
            raise ValueError(f"A part between dots has at most {MAX_LABEL} characters: {_WRITE}.")
        if not _LABEL.fullmatch(label):
            raise ValueError(
                "Use only letters, digits, hyphens and underscores, and no hyphen at the start "
                f"or end of a part: {_WRITE}."
            )
