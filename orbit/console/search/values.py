"""What a search shows: rows of one kind, each with what tells it from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from orbit.accounts.models import Organization

SHOWN = 20  # of each kind


@dataclass(frozen=True)
class Found:
    """A row: the link to its page, its organisation, its state, a word more, and its time."""

    name: SafeString
    organization: Organization | None = None
    state: str = ""
    said: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Group:
    """`more_url`: the list of all, "" where these are all or no list finds them."""

    title: str
    rows: Sequence[Found]
    is_cut: bool = False
    more_url: str = ""


def group(
    title: str,
    rows: QuerySet | Sequence[Model],
    shown: Callable[[Any], Found],
    **more: str,
) -> Group:
    """The first of these rows; `more`: the query by which the list of the model finds them all."""
    found = list(rows[: SHOWN + 1])
    is_cut = len(found) > SHOWN
    url = listed(type(found[0]), **more) if is_cut and more else ""
    return Group(title, [shown(row) for row in found[:SHOWN]], is_cut, url)


def listed(model: type[Model], **query: str) -> str:
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}"


def with_rows(groups: Iterable[Group]) -> list[Group]:
    return [each for each in groups if each.rows]
