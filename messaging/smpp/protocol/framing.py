"""Cuts a stream of bytes into PDUs and reads their headers (SMPP 3.4 §3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from messaging.smpp.protocol.command_ids import RESPONSE
from messaging.smpp.protocol.command_ids import name as command_name

HEADER_LENGTH = 16
MAX_LENGTH = 128 * 1024  # the longest legal PDU is a 64 KiB message_payload and a few fields

HEADER = Struct(">LLLL")
_LENGTH = Struct(">L")


class PduError(ValueError):
    """A PDU that can't be read. The message says why, and quotes none of its octets."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first 16 octets of a PDU (§3.2)."""

    length: int
    command_id: int
    status: int
    sequence: int

    @property
    def command(self) -> str:
        """Name of the command; `0x00000123` if SMPP has none."""
        return command_name(self.command_id)

    @property
    def is_response(self) -> bool:
        return bool(self.command_id & RESPONSE)


class Framer:
    """Cuts a stream of bytes into PDUs; an incomplete one is kept until the rest has come."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> None:
        if self._at:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += data

    @property
    def has_partial_pdu(self) -> bool:
        """Whether the stream stops inside a PDU. Valid after `next` has given None."""
        return len(self._buffer) > self._at

    def next(self) -> bytes | None:
        """The next whole PDU, or None if more bytes are needed.

        Raises PduError for an impossible length: nothing after it can be read.
        """
        left = len(self._buffer) - self._at
        if left < 4:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, self._at)
        if not HEADER_LENGTH <= length <= MAX_LENGTH:
            raise PduError(f"command_length {length} is not between 16 and {MAX_LENGTH}")
        if left < length:
            return None
        raw = bytes(self._buffer[self._at : self._at + length])
        self._at += length
        return raw


def header(raw: bytes) -> Header:
    """The header of a whole PDU."""
    return Header(*HEADER.unpack_from(raw))
