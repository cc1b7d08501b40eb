"""What a simulated carrier does wrong, and when.

A fault is written `name[:value][:on=WHERE][:first=N|:every=N]`, for example `slow:2`,
`refuse:ESME_RINVDSTADR:every=3`, `drop-before-answer:first=1`. `kinds.KINDS` is the whole list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from messaging.smpp.protocol.command_status import by_name, describe
from orbit.dev.simulator.fault_kinds import KINDS, RECEIPT_STATES, Kind


class FaultError(ValueError):
    """Not a fault that this simulator knows. The message says what to write."""


@dataclass(frozen=True)
class Fault:
    """A fault as scripted: `value` as written (status names are upper case), `on` where it strikes.

    `first` and `every` limit it to the first N, or to each Nth, of the requests at that place,
    counted from when the fault was set.
    """

    name: str
    value: str = ""
    on: str = ""
    first: int | None = None
    every: int | None = None

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Raises FaultError."""
        name, *rest = text.strip().split(":")
        kind = KINDS.get(name)
        if kind is None:
            raise FaultError(f"unknown fault {name!r}; there are: {', '.join(KINDS)}")
        values = [part for part in rest if "=" not in part]
        options = dict(part.split("=", 1) for part in rest if "=" in part)
        if len(values) > 1 or (values and not kind.value):
            raise FaultError(f"{name} takes {kind.value.rstrip('?') or 'no value'}: {text!r}")
        value = _value(name, kind, values[0] if values else kind.default)
        on = options.pop("on", kind.on[0])
        if on not in kind.on:
            raise FaultError(f"{name} strikes on {' or '.join(kind.on)}, not on {on!r}")
        first, every = (_count(name, options.pop(key, None)) for key in ("first", "every"))
        if options:
            raise FaultError(f"{name} has no option {next(iter(options))!r}: on, first, every")
        return cls(name, value, on, first, every)

    @property
    def seconds(self) -> float:
        return float(self.value)

    @property
    def status(self) -> int:
        return _status(self.value)

    def __str__(self) -> str:
        parts = [self.name, self.value]
        if self.on != KINDS[self.name].on[0]:
            parts.append(f"on={self.on}")
        if self.first:
            parts.append(f"first={self.first}")
        if self.every:
            parts.append(f"every={self.every}")
        return ":".join(part for part in parts if part)


class FaultScript:
    """The faults of one system, with the counting that `first` and `every` need."""

    def __init__(self, faults: Iterable[str | Fault] = ()) -> None:
        parsed = [f if isinstance(f, Fault) else Fault.parse(f) for f in faults]
        self.faults: tuple[Fault, ...] = tuple(parsed)
        self._seen: dict[Fault, int] = {}
        self._by_name: dict[str, list[Fault]] = {}
        for fault in parsed:
            self._by_name.setdefault(fault.name, []).append(fault)

    def strikes(self, name: str, on: str) -> Fault | None:
        """The fault `name` if it strikes this request. Call once a request: it counts."""
        struck = None
        for fault in self._by_name.get(name, ()):
            if fault.on not in (on, "all"):
                continue
            seen = self._seen[fault] = self._seen.get(fault, 0) + 1
            due = seen <= (fault.first or math.inf) and seen % (fault.every or 1) == 0
            if due and struck is None:
                struck = fault
        return struck

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)


def _value(name: str, kind: Kind, text: str) -> str:
    what = kind.value.rstrip("?")
    try:
        if what == "seconds" and not 0 <= float(text) < math.inf:
            raise ValueError
        if what == "count" and int(text) < 0:
            raise ValueError
        if what == "status":
            return describe(_status(text)).name
        if what == "state" and text.upper() not in RECEIPT_STATES:
            raise ValueError
        if what in _FORMS and not _FORMS[what].fullmatch(text):
            raise ValueError
    except (ValueError, KeyError):
        raise FaultError(f"{name} needs {what} ({name}:{_EXAMPLE[what]}), not {text!r}") from None
    return text.upper() if what == "state" else text


# What stands in a receipt, or is a number in hexadecimal digits.
_FORMS = {
    "word": re.compile(r"[A-Za-z_-]{1,20}"),
    "error": re.compile(r"[A-Za-z0-9_.+-]{1,20}"),
    "octets": re.compile(r"(?:[0-9A-Fa-f]{2}){1,10}"),
    "tag": re.compile(r"0x[0-9A-Fa-f]{1,4}"),
}
_EXAMPLE = {
    "seconds": "1.5",
    "count": "2",
    "status": "ESME_RINVDSTADR",
    "state": "UNDELIV",
    "word": "FAILED",
    "error": "0047",
    "octets": "030802",
    "tag": "0x1400",
}


def _status(text: str) -> int:
    """By name or number. ESME_ROK is none: a refusal with it would be a success."""
    value = int(text, 0) if text[:1].isdigit() else by_name(text.upper()).value
    if not 0 < value <= 0xFFFFFFFF:
        raise ValueError
    return value


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise FaultError(f"{name}: first= and every= take a number from 1 up, not {text!r}")
    return int(text)
