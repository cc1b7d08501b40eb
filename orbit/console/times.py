"""Moments as operators read them: in their own zone, with UTC beside (docs/adr/0069).

`2026-11-30 22:35:12 17:05 UTC` in Kolkata, `2026-11-30 17:05:12 UTC` where the zone is UTC or not
known.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, tzinfo
from functools import cache

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

COOKIE = "console_zone"  # static/console/zone.js writes the browser's zone into it


def zone_of(name: str) -> tzinfo:
    """The zone of this name in the IANA database; UTC for any other name."""
    return zoneinfo.ZoneInfo(name) if name in _names() else UTC


@cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def when(moment: datetime | None, *, none: str = "–") -> SafeString | str:
    """A moment, as all pages and lists show it."""
    if moment is None:
        return none
    local, utc = timezone.localtime(moment), moment.astimezone(UTC)
    if _is_utc(local):
        beside, written = "", f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    else:
        day = "" if local.date() == utc.date() else f"{utc:%m-%d} "
        beside, written = f"{day}{utc:%H:%M} UTC", f"{local:%Y-%m-%d %H:%M:%S}"
    return format_html(
        '<time class="oc-time" datetime="{}" title="{}"><span>{}</span>{}</time>',
        machine(moment),
        both(moment),
        written,
        format_html(" <small>{}</small>", beside) if beside else "",
    )


def machine(moment: datetime) -> str:
    """As the attribute of a `time` has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def both(moment: datetime) -> str:
    """The same as plain text, with the name of the zone."""
    local, utc = timezone.localtime(moment), moment.astimezone(UTC)
    said = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return said if _is_utc(local) else f"{local:%Y-%m-%d %H:%M:%S %Z}, {said}"


def zone_name() -> str:
    """The viewer's zone, as charts name it."""
    return timezone.get_current_timezone_name()


def _is_utc(local: datetime) -> bool:
    return local.tzname() == "UTC"
