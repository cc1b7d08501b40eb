"""The meaning of a command_status, what to do about it, and whether a retry may succeed.

`describe` names any value, so that an API answer or a log line never shows a bare number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from messaging.smpp.protocol.command_status_table import TABLE, TEMPORARY, THROTTLING


@dataclass(frozen=True)
class Status:
    """One command_status.

    `value` is the 32-bit number on the wire, `name` its mnemonic (`ESME_RBINDFAIL`), `meaning`
    the specification's words, `hint` what to do about it (never empty). `why`: why the same submit
    may be accepted a little later, "" if it may not.
    """

    value: int
    name: str
    meaning: str
    hint: str
    why: str = ""

    @property
    def is_temporary(self) -> bool:
        """Whether the same submit may be accepted a little later."""
        return bool(self.why)

    @property
    def is_throttling(self) -> bool:
        """Whether the carrier gets too much, so that all later submits have to wait."""
        return self.value in THROTTLING


_VENDOR_HINT = (
    "This carrier's own code. Look it up in its interface guide or ask; on a bind "
    "it is often an account that is suspended or an address that is not allowed."
)
_UNKNOWN = re.compile(r"ESME_0[xX]([0-9A-Fa-f]{8})")

STATUSES: dict[int, Status] = {
    value: Status(value, *row, why=TEMPORARY.get(value, "")) for value, row in TABLE.items()
}
"""Every value that SMPP 3.4 or 5.0 names."""

_BY_NAME: dict[str, Status] = {status.name: status for status in STATUSES.values()}


def describe(value: int) -> Status:
    """The status for `value`. One that SMPP does not name gets its number in hex as a name:
    `ESME_0x00000401`."""
    known = STATUSES.get(value)
    if known:
        return known
    # §5.1.3 leaves 0x0400-0x04FF to vendors; carriers use numbers outside of that all the same.
    return Status(value, f"ESME_0x{value:08X}", "Vendor specific error, not in SMPP", _VENDOR_HINT)


def by_name(name: str) -> Status:
    """The status called `name` (`ESME_RTHROTTLED`, `ESME_0x00000401`). Raises KeyError for a name
    that `describe` never gives."""
    unknown = _UNKNOWN.fullmatch(name)
    return describe(int(unknown[1], 16)) if unknown else _BY_NAME[name]


OK = by_name("ESME_ROK")
