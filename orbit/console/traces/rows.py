"""PDUs of a trace as an operator's role shows them: rows of a table, and one PDU whole.

Read only sees which PDUs there were, and nothing of what is in them. Texts are
for the Admin who asked for them at the start, alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from messaging.smpp.protocol.command_status import describe
from messaging.smpp.protocol.masking import masked
from messaging.smpp.protocol.pdu import Pdu, PduError, header, read, shown
from messaging.smpp.protocol.receipt import is_marked
from messaging.smpp.protocol.user_data import decode, split_header
from orbit.console.roles import ADMINISTER, OPERATE
from reconciler.gateway_client.traced import TracedPdu
from reconciler.traces.store import Trace

_HIDDEN = re.compile(r"\*{2,}")
_ADDRESSES = (
    ("source_addr", "source_addr"), ("dest_addr", "destination_addr"), ("esme_addr", "esme_addr"),
)  # fmt: skip
_TEXTS = ("short_message", "message_payload")
_IN_HEX = {"esm_class": 2, "interface_version": 2, "data_coding": 2, "registered_delivery": 2}


@dataclass(frozen=True)
class Row:
    """`status`: its name, "" in a request, and its `meaning`. `fields`: those that are set; None:
    not for this role. `text`: as far as it may be seen; None: it has none. `fault`: why it can't
    be read."""

    number: int
    at: datetime
    is_out: bool
    host: str
    command: str
    sequence: int
    status: str
    meaning: str
    is_bad: bool
    fields: list[tuple[str, str]] | None = None
    text: str | None = None
    fault: str = ""

    @property
    def time(self) -> str:
        """Of the day, with milliseconds."""
        return f"{self.at:%H:%M:%S}.{self.at.microsecond // 1000:03}"


def may_see_texts(trace: Trace, user: Any) -> bool:
    return trace.texts and trace.by == str(user.pk) and user.has_perm(ADMINISTER)


def for_user(pdu: TracedPdu, trace: Trace, user: Any) -> TracedPdu:
    """The PDU as this operator may have it. `user` may see numbers."""
    if not trace.texts or may_see_texts(trace, user):
        return pdu
    octets = masked(bytes.fromhex(pdu.octets), texts=False, numbers=True).hex()
    return replace(pdu, octets=octets)


def row(pdu: TracedPdu, trace: Trace, user: Any) -> Row:
    may_look = user.has_perm(OPERATE)
    raw = bytes.fromhex(for_user(pdu, trace, user).octets)
    head = header(raw)
    status = describe(head.status) if head.is_response or head.status else None
    found = Row(
        pdu.number, datetime.fromtimestamp(pdu.at, UTC), pdu.is_out, f"{pdu.link[2]}:{pdu.link[3]}",
        head.command, head.sequence, status.name if status else "",
        status.meaning if status else "", bool(head.status),
    )  # fmt: skip
    if not may_look:
        return found
    try:
        content = read(raw)
    except PduError as error:
        return replace(found, fields=[], fault=str(error))
    return replace(found, fields=list(_fields(content)), text=_text(content))


def _fields(pdu: Pdu) -> Iterator[tuple[str, str]]:
    values = shown(pdu)
    for prefix, name in _ADDRESSES:
        ton, npi = (values.pop(f"{prefix}_{each}", 0) for each in ("ton", "npi"))
        if name in values:
            yield name, f"{values.pop(name)} (TON {ton}, NPI {npi})"
    for name, value in values.items():
        if name in _TEXTS or name == "password" or value in (0, ""):
            continue
        in_hex = name in _IN_HEX and isinstance(value, int)
        yield name, f"0x{value:02X}" if in_hex else str(value)


def _text(pdu: Pdu) -> str | None:
    """The text, with what is masked as one sign."""
    if not pdu.payload:
        return None
    esm_class, data_coding = pdu.number("esm_class"), pdu.number("data_coding")
    rest = split_header(pdu.payload, esm_class)[1]
    if rest.strip(b"*") == b"":
        return f"({len(rest)} octets)"
    is_hidden = _HIDDEN.search(rest.decode("latin-1")) is not None and is_marked(pdu)
    text = rest.decode("latin-1") if is_hidden else decode(rest, data_coding)
    return _HIDDEN.sub("…", text) if is_hidden else text
