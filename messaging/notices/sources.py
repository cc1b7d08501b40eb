"""Where conditions come from: nouns and apps register what they watch (`registrations.py`)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from messaging.notices.decisions import Condition, Kind

logger = logging.getLogger(__name__)
Source = Callable[[datetime], Iterable[Condition]]
_sources: dict[Source, Kind] = {}


def register(kind: Kind, source: Source) -> None:
    """Add a function that says what of this kind is wrong now, by a few bounded statements. A kind
    may have several."""
    _sources[source] = kind


def read(now: datetime) -> tuple[list[Condition], set[Kind]]:
    """Return what is wrong, and the kinds that are not known now, since one of their sources
    raised. What a source yielded before it raised counts."""
    found: list[Condition] = []
    unread: set[Kind] = set()
    for source, kind in _sources.items():
        try:
            found.extend(source(now))
        except Exception:
            logger.exception("conditions of kind %s can't be read", kind)
            unread.add(kind)
    return found, unread
