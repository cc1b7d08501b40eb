"""Optimistic locking: every write of a row raises its `version` and names the one it has read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Model, QuerySet
from django.utils import timezone

from orbit.api.errors import ApiError


def changes_of(row: Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `wanted` that differ from the row, in the order given."""
    return {name: new for name, new in wanted.items() if getattr(row, name) != new}


def compare_and_set(row: Model, fields: Mapping[str, Any], *, among: QuerySet) -> None:
    """Write `fields` if the row is still in `among` and has the version that was read.

    Else raises INVALID_STATE, and nothing is changed. `row` has the new values afterwards.
    """
    values = {**fields, "updated_at": timezone.now()}
    current = among.filter(pk=row.pk, version=row.version)
    if not current.update(version=F("version") + 1, **values):
        raise changed_meanwhile(row)
    row.version += 1
    for name, value in values.items():
        setattr(row, name, value)


def changed_meanwhile(row: Model) -> ApiError:
    """The error of the second of two writers."""
    return ApiError(
        "INVALID_STATE",
        f"Somebody else changed this {row._meta.verbose_name} meanwhile; nothing was changed by "
        "this request. Read it again and repeat what still applies.",
    )
