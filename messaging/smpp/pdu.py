"""SMPP 3.4 PDUs to bytes and back (§3.2), through smpplib's PDU classes.

smpplib's parser trusts its input and fails in a dozen ways on bytes that are no PDU; all of them
come out of here as PduError. Nothing here opens a socket.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

from smpplib import command_codes, consts, smpp
from smpplib.command import Command, Param
from smpplib.ptypes import ostr

HEADER_LENGTH = 16
MAX_LENGTH = 128 * 1024  # the longest legal PDU is a 64 KiB message_payload and a few fields

BIND_COMMANDS = frozenset({"bind_transmitter", "bind_receiver", "bind_transceiver"})

# smpplib has names for more commands than it has classes.
_NAMES = {code: name for name, code in command_codes.commands.items()}
_BLANK = "*"


class PduError(Exception):
    """These bytes are no PDU that can be read. The message says why."""


@dataclass(frozen=True)
class Header:
    """The first 16 octets of a PDU (§3.2)."""

    length: int
    command_id: int
    status: int
    sequence: int

    @property
    def command(self) -> str:
        """Name of the command; `0x00000123` if SMPP 3.4 has none."""
        return _NAMES.get(self.command_id, f"0x{self.command_id:08X}")

    @property
    def is_response(self) -> bool:
        return bool(self.command_id & 0x80000000)


class Framer:
    """Cuts a stream of bytes into PDUs. Keeps what is incomplete, so nothing is ever lost."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def holds_a_piece(self) -> bool:
        """Whether the stream has stopped inside a PDU (once `next` gives None)."""
        return bool(self._buffer)

    def next(self) -> bytes | None:
        """The next whole PDU, None if more bytes are needed.

        Raises PduError for a length that cannot be: the stream is lost from there on.
        """
        if len(self._buffer) < 4:
            return None
        (length,) = struct.unpack_from(">L", self._buffer)
        if not HEADER_LENGTH <= length <= MAX_LENGTH:
            raise PduError(f"command_length {length} is not between 16 and {MAX_LENGTH}")
        if len(self._buffer) < length:
            return None
        raw = bytes(self._buffer[:length])
        del self._buffer[:length]
        return raw


def header(raw: bytes) -> Header:
    """The header of a whole PDU."""
    return Header(*struct.unpack_from(">LLLL", raw))


def build(command: str, *, sequence: int, status: int = 0, **fields: Any) -> bytes:
    """A PDU in bytes. `fields` have smpplib's names; texts are str, octet strings are bytes."""
    pdu = smpp.make_pdu(command, sequence=sequence, status=status, **fields)
    pdu.sequence = sequence  # smpplib ignores the argument
    return pdu.generate()


def parse(raw: bytes) -> Command:
    """smpplib's object for a whole PDU; its text fields are bytes. Raises PduError."""
    head = header(raw)
    try:
        # smpplib reads a request that ends early, or a text without its end, as if it were whole.
        if not head.is_response:
            _check_mandatory(head.command, raw[HEADER_LENGTH:])
        return smpp.parse_pdu(raw, allow_unknown_opt_params=True, sequence=0)
    except PduError:
        raise
    except Exception as error:  # its parser raises whatever the bytes make it stumble over
        raise PduError(f"unreadable {head.command} ({type(error).__name__})") from None


@cache
def _mandatory(command: str) -> tuple[tuple[str, Param], ...]:
    """Names and types of the parameters that a PDU must have, in their order."""
    pdu = smpp.make_pdu(command, sequence=0)
    names = itertools.takewhile(lambda name: not pdu.field_is_optional(name), pdu.params_order)
    return tuple((name, pdu.params[name]) for name in names)


def _check_mandatory(command: str, body: bytes) -> None:
    """Raises PduError if the body ends before its mandatory parameters do."""
    at, length = 0, 0
    for name, param in _mandatory(command):
        if param.type is str:
            end = body.find(consts.NULL_STRING, at) + 1
            size = end - at if end else len(body) + 1
        elif param.type is ostr:
            size = length
        else:
            size = param.size
            length = int.from_bytes(body[at : at + size])  # sm_length comes before short_message
        at += size
        if at > len(body):
            raise PduError(f"{command} ends before its {name} does")


def fields(pdu: Command) -> dict[str, Any]:
    """The fields that are set: numbers, texts, octet strings in hex. The password is blanked."""
    found: dict[str, Any] = {}
    for name in pdu.params_order:
        value = getattr(pdu, name, None)
        if value is None or value == b"":
            continue
        if isinstance(value, bytes):
            value = value.hex() if pdu.params[name].type is ostr else value.decode("latin-1")
        found[name] = value
    if "password" in found:
        found["password"] = _BLANK * 8
    return found


def blanked(raw: bytes) -> bytes:
    """`raw` with the password of a bind overwritten, all of its body if there is no telling."""
    if header(raw).command not in BIND_COMMANDS:
        return raw
    start = raw.find(consts.NULL_STRING, HEADER_LENGTH) + 1 or HEADER_LENGTH
    end = raw.find(consts.NULL_STRING, start)
    if end == -1:
        end = len(raw)
    return raw[:start] + _BLANK.encode() * (end - start) + raw[end:]


def trace(raw: bytes, direction: str) -> dict[str, Any]:
    """One line of a PDU trace, fit for JSON and for showing to the customer.

    `{"direction", "command", "sequence", "status", "fields", "hex"}`; `fields` is empty and
    `error` is there when the body cannot be read. The password is blanked in fields and in hex.
    """
    head = header(raw)
    line: dict[str, Any] = {
        "direction": direction,
        "command": head.command,
        "sequence": head.sequence,
        "status": head.status,
        "fields": {},
        "hex": blanked(raw).hex(),
    }
    try:
        line["fields"] = fields(parse(raw))
    except PduError as error:
        line["error"] = str(error)
    return line
