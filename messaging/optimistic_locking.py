"""Rows with a `version` that grows with every write: nobody writes over what they have not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Model, QuerySet
from django.utils import timezone

from orbit.api.errors import ApiError


def changes_of(row: Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `wanted` that differ from what the row holds, in the order given."""
    return {name: new for name, new in wanted.items() if getattr(row, name) != new}


def compare_and_set(row: Model, fields: Mapping[str, Any], *, among: QuerySet) -> None:
    """Write `fields` unless somebody wrote the row since it was read, or took it from `among`.

    Raises INVALID_STATE, and nothing is changed. `row` shows the new values afterwards.
    """
    news = {**fields, "updated_at": timezone.now()}
    current = among.filter(pk=row.pk, version=row.version)
    if not current.update(version=F("version") + 1, **news):
        raise changed_meanwhile(row)
    row.version += 1
    for name, value in news.items():
        setattr(row, name, value)


def changed_meanwhile(row: Model) -> ApiError:
    """What is answered to the one who came second."""
    return ApiError(
        "INVALID_STATE",
        f"Somebody else changed this {row._meta.verbose_name} meanwhile; nothing was changed by "
        "this request. Read it again and repeat what still applies.",
    )
