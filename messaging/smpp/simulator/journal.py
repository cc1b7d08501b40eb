"""The log of a simulator: one JSON object a line, passwords blanked.

Events: `listening`, `connected`, `pdu` (both directions), `closed`, `error`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from messaging.smpp.pdu import trace


class Journal:
    """Writes lines through `write` (`file.write`, `lines.append`); None keeps no journal."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self._write = write

    def event(self, event: str, **details: Any) -> None:
        if self._write:
            at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = json.dumps({"at": at, "event": event, **details}, ensure_ascii=False)
            self._write(line + "\n")

    def pdu(self, raw: bytes, direction: str, **details: Any) -> None:
        """A PDU `in` or `out`: `{…details, direction, command, sequence, status, fields, hex}`."""
        if self._write:
            self.event("pdu", **details, **trace(raw, direction))
