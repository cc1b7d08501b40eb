"""Template filters of the console: states, numbers, hosts and times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.redaction import HIDDEN, masked, masked_in
from messaging.webhooks.endpoints import parse
from orbit.console import times
from orbit.console.colours import COLOURS
from orbit.console.links import link, link_to_id
from orbit.console.roles import OPERATE
from orbit.console.words import GOES_TO, STARTED_BY

register = template.Library()


@register.filter
def state(word: str) -> SafeString:
    """A state as a coloured label."""
    said = word.replace("_", " ") or "none"
    return format_html('<span class="oc-label oc-{}">{}</span>', colour(word), said)


@register.filter
def colour(word: str) -> str:
    """The colour of a state, as in the names of CSS classes."""
    return COLOURS.get(word, "default")


@register.filter
def started_by(trigger: str) -> str:
    """What started a pass."""
    return STARTED_BY.get(trigger, trigger)


@register.filter
def goes_to(route: str) -> str:
    """Where texts to a number go."""
    return GOES_TO.get(route, route)


@register.filter
def number(count: int) -> str:
    """With thousands separated: "12,345"."""
    return f"{count:,}"


@register.filter
def number_for(value: str, user: Any) -> str:
    """A person's number, as far as the operator's role shows it."""
    return value if user.has_perm(OPERATE) else masked(value)


@register.filter
def said_to(text: str, user: Any) -> str:
    """A text of ours, or a carrier's, that may name a person's number."""
    return text if user.has_perm(OPERATE) else masked_in(text)


@register.filter
def text_for(text: str, user: Any) -> str:
    """The text of a message or a receipt."""
    return text if user.has_perm(OPERATE) else HIDDEN


@register.filter
def linked(row: Model | None, text: str = "") -> SafeString:
    """The row's name, or another text, as a link to its page."""
    return link(row, text)


@register.filter
def linked_id(key: str) -> SafeString:
    """An id of ours as a link to what has it."""
    return link_to_id(key)


@register.filter
def host(url: str) -> str:
    """The host of a URL, without path and query, which may hold secrets: "example.com/…"."""
    endpoint = parse(url)
    return f"{'' if endpoint.tls else 'http://'}{endpoint.authority}/…"


@register.filter
def when(moment: datetime | str | None) -> SafeString | str:
    """A moment in the viewer's zone, with UTC beside: "2026-11-30 22:35:12 17:05 UTC". Rows with
    JSON keep it as text."""
    return times.when(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """The time since a moment, with the exact time on hover: "12 s ago"."""
    return format_html("{} ago", since(moment)) if moment else "never"


@register.filter
def since(moment: datetime | None, until: datetime | None = None) -> SafeString | str:
    """The time from `moment` until now or `until`, with the exact start on hover: "12 s"."""
    if moment is None:
        return "–"
    seconds = max(0, int(((until or timezone.now()) - moment).total_seconds()))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        times.machine(moment),
        times.both(moment),
        _span(seconds),
    )


def _span(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
