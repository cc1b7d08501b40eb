"""How the console writes states and moments."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.webhooks.endpoints import parse
from orbit.console.colours import COLOURS

register = template.Library()


@register.filter
def state(word: str) -> SafeString:
    """A state as a coloured label."""
    return format_html('<span class="oc-label oc-{}">{}</span>', colour(word), word or "none")


@register.filter
def colour(word: str) -> str:
    """The mood of a state, as classes name it."""
    return COLOURS.get(word, "default")


@register.filter
def number(count: int) -> str:
    """As people read it: "12,345"."""
    return f"{count:,}"


@register.filter
def host(url: str) -> str:
    """Where a URL leads, without what may be a secret in its path: "example.com/…"."""
    endpoint = parse(url)
    return f"{'' if endpoint.tls else 'http://'}{endpoint.authority}/…"


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, and when exactly on hovering: "12 s ago"."""
    return format_html("{} ago", since(moment)) if moment else "never"


@register.filter
def since(moment: datetime | None, until: datetime | None = None) -> SafeString | str:
    """How long it has been so, or was until then, and from when on hovering: "12 s"."""
    if moment is None:
        return "–"
    seconds = max(0, int(((until or timezone.now()) - moment).total_seconds()))
    return format_html(
        '<time datetime="{0}" title="{0}">{1}</time>',
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        _span(seconds),
    )


def _span(seconds: int) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
