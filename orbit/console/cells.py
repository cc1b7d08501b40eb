"""Cells of lists: what is needed most in the first line, what belongs to it, dim, in a second.

On a phone a row is a small card, in which cells and lines follow one another (console.css): `roomy`
cells and `spare` lines are left out there, and a long text is cut short.
"""

from __future__ import annotations

from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orbit.console.links import address

LONGEST = 300  # characters of a text in a list; its page has all of it
ON_A_PHONE = 50  # of them


def two(first: object, second: object = "") -> SafeString:
    line = format_html('<span class="oc-first">{}</span>', first)
    return format_html('{}<span class="oc-second">{}</span>', line, second) if second else line


def roomy(first: object, second: object = "") -> SafeString:
    """The same, only where there is room."""
    return format_html('<span class="oc-roomy">{}</span>', two(first, second))


def spare(text: object) -> SafeString | str:
    """A second line that a phone does not show."""
    return format_html('<span class="oc-spare">{}</span>', text) if text else ""


def page_link(row: Model, text: object) -> SafeString:
    """A link to the page of the row that the list shows."""
    return format_html('<a href="{}">{}</a>', address(row), text)


def whole(text: str) -> SafeString:
    """Something short that no line breaks: a number, an action."""
    return format_html('<span class="oc-nowrap">{}</span>', text)


def said(text: str, none: str = "–") -> SafeString | str:
    """An error or a reason: whole up to `LONGEST`, on a phone its beginning, or nothing."""
    if not text:
        return roomy(none) if none else ""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rstrip()}…"
    if len(text) <= ON_A_PHONE + 10:
        return format_html('<span class="oc-said">{}</span>', text)
    begin, _, rest = text[:ON_A_PHONE].rpartition(" ")
    begin, rest = (begin, f" {rest}") if begin else (text[:ON_A_PHONE], "")
    rest += text[ON_A_PHONE:]
    return format_html(
        '<span class="oc-said"><span class="oc-begin">{}</span><span class="oc-rest">{}</span>'
        "</span>",
        begin,
        rest,
    )


def counted(count: int, noun: str) -> str:
    """ "1 sender", "2,000 senders"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
