"""The PDU codec: SMPP 3.4 PDUs to bytes and back (§3.2).

Reading is tolerant: fields may be longer than the specification allows, texts may have any octet,
and malformed optional parameters count as padding. Only a request that ends inside its mandatory
parameters can't be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from messaging.smpp.protocol import tlv as tlvs_of
from messaging.smpp.protocol.command_ids import BINDS, IDS, RESPONSE
from messaging.smpp.protocol.command_ids import name as command_name
from messaging.smpp.protocol.framing import (
    HEADER,
    HEADER_LENGTH,
    MAX_LENGTH,
    Framer,
    Header,
    PduError,
    header,
)
from messaging.smpp.protocol.layouts import LAYOUTS, Field, Kind
from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv

__all__ = [
    "HEADER_LENGTH",
    "MAX_LENGTH",
    "WITH_PASSWORD",
    "Framer",
    "Header",
    "Pdu",
    "PduError",
    "blanked",
    "header",
    "read",
    "shown",
    "trace",
    "write",
]

_BLANK = "*"
_PASSWORD_COMMANDS = BINDS | {"outbind"}
WITH_PASSWORD = frozenset(IDS[name].to_bytes(4) for name in _PASSWORD_COMMANDS)
"""command_ids, as they are on the wire, of PDUs that have a password."""


@dataclass(slots=True)
class Pdu:
    """A whole PDU. `fields`: the mandatory parameters by the specification's names, texts and
    octets as bytes; `padding`: octets behind the last TLV. No repr has the text or a password.
    """

    command: str
    status: int
    sequence: int
    fields: dict[str, int | bytes] = field(default_factory=dict, repr=False)
    tlvs: list[Tlv] = field(default_factory=list, repr=False)
    padding: bytes = field(default=b"", repr=False)

    def text(self, name: str) -> str:
        """A text field as ISO-8859-1, which takes every octet; "" where there is none."""
        value = self.fields.get(name, b"")
        return value.decode("latin-1") if isinstance(value, bytes) else ""

    def number(self, name: str) -> int:
        """A number; 0 where there is none."""
        value = self.fields.get(name, 0)
        return value if isinstance(value, int) else 0

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first TLV with this tag."""
        for each in self.tlvs:
            if each.tag == tag:
                return each.value
        return None

    @property
    def payload(self) -> bytes:
        """The user data: short_message, or message_payload where that is empty."""
        short = self.fields.get("short_message")
        if isinstance(short, bytes) and short:
            return short
        return self.tlv(MESSAGE_PAYLOAD) or b""


def read(raw: bytes) -> Pdu:
    """Decode a whole PDU. Raises PduError if a request ends inside its mandatory parameters.

    A response may leave out fields (a refusal has no body, §4.4.2; some ids lack their NUL). The
    body of a command without a known layout is padding.
    """
    _, command_id, status, sequence = HEADER.unpack_from(raw)
    command = command_name(command_id)
    layout = LAYOUTS.get(command)
    if layout is None:
        return Pdu(command, status, sequence, {}, [], raw[HEADER_LENGTH:])
    fields, at = _read_fields(raw, command, layout, bool(command_id & RESPONSE))
    if at == len(raw):
        return Pdu(command, status, sequence, fields, [], b"")
    found, padding = tlvs_of.read(raw[at:])
    return Pdu(command, status, sequence, fields, found, padding)


def _read_fields(
    raw: bytes, command: str, layout: tuple[Field, ...], lenient: bool
) -> tuple[dict[str, int | bytes], int]:
    """The mandatory parameters, and where they end."""
    fields: dict[str, int | bytes] = {}
    at, length = HEADER_LENGTH, len(raw)
    for name, kind, _ in layout:
        if kind is Kind.TEXT:
            end = raw.find(b"\0", at)
            if end < 0:
                if not lenient:
                    raise PduError(f"{command} ends before its {name} does")
                fields[name] = raw[at:]
                at = length
            else:
                fields[name] = raw[at:end]
                at = end + 1
        elif at >= length:
            if not lenient:
                raise PduError(f"{command} ends before its {name} does")
            fields[name] = 0 if kind is Kind.INT else b""
        elif kind is Kind.INT:
            fields[name] = raw[at]
            at += 1
        else:
            end = at + 1 + raw[at] if kind is Kind.OCTETS else _end_of_list(raw, at, kind)
            if end > length and not lenient:
                raise PduError(f"{command} ends before its {name} does")
            fields[name] = raw[at + 1 if kind is Kind.OCTETS else at : end]
            at = min(end, length)
    return fields, at


def _end_of_list(raw: bytes, at: int, kind: Kind) -> int:
    """Where the addresses of a submit_multi or of its answer end; beyond `raw` if they don't."""
    beyond = len(raw) + 1
    count, at = raw[at], at + 1
    for _ in range(count):
        if at >= len(raw):
            return beyond
        # A flag says what comes: 1 an address behind its TON and NPI, 2 the name of a list.
        at += 2 if kind is Kind.FAILURES else (3 if raw[at] == 1 else 1)
        end = raw.find(b"\0", at)
        if end < 0:
            return beyond
        at = end + (5 if kind is Kind.FAILURES else 1)
    return at


def write(
    command: str,
    *,
    sequence: int,
    status: int = 0,
    tlvs: Iterable[Tlv] = (),
    **fields: int | str | bytes,
) -> bytes:
    """Encode a PDU. Missing fields are 0 or empty; a text is bytes, or str in
    ISO-8859-1; `short_message` brings its sm_length.

    Raises ValueError for a field that the command does not have, one that is too long, or a text
    with a NUL inside. The message names the field, never its value.
    """
    if command not in LAYOUTS:
        raise ValueError(f"{command} is no command that can be written")
    layout = LAYOUTS[command]
    body = bytearray()
    taken = 0
    for name, kind, limit in layout:
        value = fields.get(name)
        if value is None:
            body.append(0)
            continue
        taken += 1
        if kind is Kind.INT:
            _put_number(body, name, value)
        else:
            _put_octets(body, name, kind, limit, value)
    if taken < len(fields):
        known = {each.name for each in layout}
        wrong = next(name for name in fields if name not in known or fields[name] is None)
        raise ValueError(f"{command} has no field {wrong} of this value")
    body += tlvs_of.write(tlvs)
    length = HEADER_LENGTH + len(body)
    if length > MAX_LENGTH:
        raise ValueError(f"{command} of {length} octets is longer than {MAX_LENGTH}")
    try:
        return HEADER.pack(length, IDS[command], status, sequence) + body
    except struct.error:
        raise ValueError("status and sequence are numbers of 32 bits") from None


def _put_number(body: bytearray, name: str, value: object) -> None:
    try:
        body.append(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{name} is no number from 0 to 255") from None


def _put_octets(body: bytearray, name: str, kind: Kind, limit: int, value: object) -> None:
    if isinstance(value, str):
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            raise ValueError(f"{name} has characters outside ISO-8859-1") from None
    if not isinstance(value, bytes):
        raise ValueError(f"{name} is neither text nor octets")
    if limit and len(value) > limit:
        raise ValueError(f"{name} is longer than {limit} octets")
    if kind is Kind.TEXT:
        if b"\0" in value:
            raise ValueError(f"{name} has a NUL inside")
        body += value
        body.append(0)
    elif kind is Kind.OCTETS:
        body.append(len(value))
        body += value
    else:
        body += value or b"\0"


def blanked(raw: bytes) -> bytes:
    """`raw` with the password of a bind overwritten, or its whole body if that can't be told."""
    if raw[4:8] not in WITH_PASSWORD:
        return raw
    start = raw.find(b"\0", HEADER_LENGTH) + 1 or HEADER_LENGTH
    end = raw.find(b"\0", start)
    if end == -1:
        end = len(raw)
    return raw[:start] + _BLANK.encode() * (end - start) + raw[end:]


def trace(raw: bytes, direction: str) -> dict[str, Any]:
    """One line of a PDU trace, as JSON that may be shown to the customer.

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
        line["fields"] = shown(read(raw))
    except PduError as error:
        line["error"] = str(error)
    return line


def shown(pdu: Pdu) -> dict[str, int | str]:
    """The fields and TLVs that are set: numbers, texts, octets in hex; the password is blanked.
    TLVs go by their names, or `0x1400`; of equal ones the first is shown."""
    found: dict[str, int | str] = {}
    for name, kind, _ in LAYOUTS.get(pdu.command, ()):
        value = pdu.fields.get(name, b"")
        if isinstance(value, int):
            found[name] = value
        elif name == "password":
            found[name] = _BLANK * 8
        elif value:
            found[name] = value.decode("latin-1") if kind is Kind.TEXT else value.hex()
    for each in pdu.tlvs:
        name, content = tlvs_of.shown(each)
        found.setdefault(name, content)
    return found
