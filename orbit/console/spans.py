"""Spans of time as people type them: two moments, each of which may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

EXAMPLE = "2026-11-30 18:05"
_INPUT = "%Y-%m-%dT%H:%M"  # of an input of the type datetime-local


@dataclass(frozen=True)
class Span:
    """From `start` until before `end`, None where there is no bound. `fault`: why what was typed is
    no span, else ""."""

    start: datetime | None = None
    end: datetime | None = None
    fault: str = ""

    @property
    def words(self) -> str:
        """It in words, "" for any time."""
        if self.start and self.end:
            return f"time from {_said(self.start)} until {_said(self.end)}"
        if self.start:
            return f"time since {_said(self.start)}"
        return f"time before {_said(self.end)}" if self.end else ""


def typed(start: str, end: str) -> Span:
    """What was typed into two inputs, in the zone of the viewer unless it names one; "": no bound.
    A date alone is its midnight."""
    moments: list[datetime | None] = []
    for name, text in (("From", start), ("To", end)):
        try:
            moments.append(moment(text) if text else None)
        except ValueError as error:
            return Span(fault=f"{name}: {error}")
    first, last = moments
    if first and last and last <= first:
        return Span(fault="The time that you chose ends before it begins: To is after From.")
    return Span(first, last)


def exact(text: str) -> Span:
    """FROM/TO in ISO 8601, as `between` of `long_lists` writes it."""
    try:
        start, end = map(datetime.fromisoformat, text.split("/"))
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError
        return Span(_utc(start), _utc(end))
    except ValueError:
        return Span(fault="This address names no time that can be read: choose one.")


def for_input(at: datetime | None) -> str:
    """The value of an input, in the zone of the viewer."""
    try:
        return timezone.localtime(at).strftime(_INPUT) if at else ""
    except (ValueError, OverflowError):  # a year that the zone does not have
        return ""


def moment(text: str) -> datetime:
    """One of the two. Raises ValueError that says how to write it."""
    try:
        return _utc(_read(text))
    except ValueError:
        shown = text[:40].replace("\0", "")
        raise ValueError(f"“{shown}” is no date and time. Write it as {EXAMPLE}.") from None


def _read(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None and (day := parse_date(text)):
        found = datetime(day.year, day.month, day.day)
    if found is None:
        raise ValueError(text)
    zone = found.tzinfo or timezone.get_current_timezone()
    return found.replace(tzinfo=zone)


def _utc(at: datetime) -> datetime:
    """Raises ValueError for one that has no year in UTC, or a minute before or after it."""
    try:
        found = at.astimezone(UTC)
    except OverflowError:
        raise ValueError(at) from None
    if not datetime.min.year < found.year < datetime.max.year:
        raise ValueError(at)
    return found


def _said(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"
