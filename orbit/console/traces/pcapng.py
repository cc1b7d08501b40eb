"""PDUs as a pcapng file (draft-ietf-opsawg-pcapng), which Wireshark and tshark read as SMPP.

A trace stands above TCP and TLS, so the packets around the PDUs are made up: raw IP, TCP segments
that follow each other without a gap, from and to the addresses that the bind really has.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator

from reconciler.gateway_client.traced import TracedPdu

CONTENT_TYPE = "application/x-pcapng"
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER, _UNKNOWN_LENGTH = 0x1A2B3C4D, 0xFFFFFFFFFFFFFFFF
_RAW_IP = 101  # LINKTYPE_RAW: IPv4 or IPv6, as the first octet says
_COMMENT, _FLAGS, _APPLICATION, _END = 1, 2, 4, 0
_INBOUND, _OUTBOUND = 1, 2  # of _FLAGS
_MICRO = 1_000_000
_TCP, _PUSH_AND_ACK = 6, 0x18
_MOST = 60_000  # octets of a PDU in one segment; an IP packet has up to 65,535
_WINDOW, _HOPS = 0xFFFF, 64

_Link = tuple[str, int, str, int]


def written(pdus: Iterable[TracedPdu], *, comment: str) -> Iterator[bytes]:
    """The file, in pieces. `pdus`: the oldest first."""
    section = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
    options = _option(_COMMENT, comment.encode()) + _option(_APPLICATION, b"Orbit BYO-SMPP")
    yield _block(_SECTION, section + options + _option(_END, b""))
    yield _block(_INTERFACE, struct.pack("<HHI", _RAW_IP, 0, 0))  # times are in microseconds
    said: dict[tuple[_Link, bool], int] = {}  # octets that each side has sent
    for each in pdus:
        raw = bytes.fromhex(each.octets)
        for start in range(0, len(raw), _MOST):
            piece = raw[start : start + _MOST]
            sent, heard = (
                said.get((each.link, each.is_out), 1),
                said.get((each.link, not each.is_out), 1),
            )
            said[each.link, each.is_out] = sent + len(piece)
            yield _packet(each, _ip(each, _tcp_fields(each, sent, heard), piece))


def _packet(pdu: TracedPdu, data: bytes) -> bytes:
    at = round(pdu.at * _MICRO)
    head = struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, len(data), len(data))
    flags = struct.pack("<I", _OUTBOUND if pdu.is_out else _INBOUND)
    return _block(_PACKET, head + _padded(data) + _option(_FLAGS, flags) + _option(_END, b""))


def _tcp_fields(pdu: TracedPdu, sent: int, heard: int) -> tuple[int, ...]:
    ports = (pdu.link[1], pdu.link[3])
    source, destination = ports if pdu.is_out else ports[::-1]
    return source, destination, sent & 0xFFFFFFFF, heard & 0xFFFFFFFF


def _ip(pdu: TracedPdu, fields: tuple[int, ...], payload: bytes) -> bytes:
    """An IP packet with one TCP segment."""
    own, peer = (ipaddress.ip_address(pdu.link[place].partition("%")[0]) for place in (0, 2))
    source, destination = (own, peer) if pdu.is_out else (peer, own)
    head = struct.pack(">HHIIBBHHH", *fields, 5 << 4, _PUSH_AND_ACK, _WINDOW, 0, 0)
    length = len(head) + len(payload)
    addresses = source.packed + destination.packed
    checksum = _checksum(addresses + struct.pack(">II", _TCP, length) + head + payload)
    segment = head[:16] + struct.pack(">H", checksum) + head[18:] + payload
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, length, _TCP, _HOPS) + addresses + segment
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, _HOPS, _TCP, 0) + addresses
    return ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:] + segment


def _checksum(octets: bytes) -> int:
    """Of IP and TCP (RFC 1071)."""
    octets += b"\0" * (len(octets) % 2)
    found = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while found >> 16:
        found = (found & 0xFFFF) + (found >> 16)
    return ~found & 0xFFFF


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
