"""The log of a simulator: one JSON object a line, passwords blanked.

Events: `listening`, `connected`, `pdu` (both directions), `closed`, `error`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from messaging.smpp.protocol.pdu import trace
from messaging.smpp.protocol.user_data import read_user_data


class Journal:
    """Writes lines through `write` (`file.write`, `lines.append`); None keeps no journal."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self._write = write
        self.is_kept = write is not None

    def event(self, event: str, **details: Any) -> None:
        if self._write:
            at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = json.dumps({"at": at, "event": event, **details}, ensure_ascii=False)
            self._write(line + "\n")

    def pdu(self, raw: bytes, direction: str, **details: Any) -> None:
        """A PDU `in` or `out`: `{…details, direction, command, sequence, status, fields, hex}`,
        and the `text` of a message in letters."""
        if self._write:
            line = trace(raw, direction)
            text = _text(line["fields"])
            self.event("pdu", **details, **line, **({} if text is None else {"text": text}))


def _text(fields: dict[str, Any]) -> str | None:
    payload = fields.get("short_message") or fields.get("message_payload")
    if payload is None:
        return None
    return read_user_data(
        bytes.fromhex(payload),
        esm_class=fields.get("esm_class", 0),
        data_coding=fields.get("data_coding", 0),
    ).text
