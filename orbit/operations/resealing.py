"""Rewrite stored texts and numbers of people: seal them, open them, or seal them under the first
keys.

Each chunk of rows is locked and committed on its own, and rows already in the wanted form are left
alone. So the work can be stopped and repeated, beside a running site.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ExpressionWrapper, F

from orbit.db.fields import Undecryptable
from orbit.db.sealed_fields import SealedJSONField, Stored

CHUNK = 500


class Wanted(Enum):
    SEALED = "sealed"
    CLEAR = "clear"
    CURRENT = "current"  # what is sealed is so by the first keys; what is clear stays


@dataclass
class Tally:
    """Counts of one table. `unreadable`: keys of rows that no key opens; `doubled`: of rows whose
    number another row has in the other form."""

    table: str
    read: int = 0
    rewritten: int = 0
    unreadable: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.unreadable or self.doubled)


Progress = Callable[[Tally], None]


def tables() -> Iterator[tuple[type[models.Model], list[Any]]]:
    """Every model with columns that can be sealed, and these."""
    for model in apps.get_models():
        found = [each for each in model._meta.local_concrete_fields if hasattr(each, "to_store")]
        if found:
            yield model, found


def rewrite(
    model: type[models.Model],
    columns: list[Any],
    wanted: Wanted,
    *,
    write: bool = True,
    progress: Progress = lambda tally: None,
) -> Tally:
    """Bring each row into the wanted form (`write=False`: only count those that are not)."""
    tally, last = Tally(model._meta.label), None
    while True:
        with transaction.atomic():
            chunk = _chunk(model, columns, last)
            for key, *stored in chunk:
                _rewrite_row(model, columns, (key, stored), wanted, tally, write)
        tally.read += len(chunk)
        progress(tally)
        if len(chunk) < CHUNK:
            return tally
        last = chunk[-1][0]


def _chunk(model: type[models.Model], columns: list[Any], last: Any) -> list[tuple]:
    """The next rows: their keys and what the columns have."""
    rows = model._base_manager.order_by("pk").select_for_update(of=("self",))
    if last is not None:
        rows = rows.filter(pk__gt=last)
    raw = {
        f"_stored_{each.name}": ExpressionWrapper(F(each.name), models.TextField())
        for each in columns
    }
    return list(rows.annotate(**raw).values_list("pk", *raw)[:CHUNK])


def _rewrite_row(
    model: type[models.Model],
    columns: list[Any],
    row: tuple[Any, list[Any]],
    wanted: Wanted,
    tally: Tally,
    write: bool,
) -> None:
    key, stored = row
    try:
        changed = dict(_changes(columns, stored, wanted))
    except Undecryptable:
        tally.unreadable.append(str(key))
        return
    if not changed:
        return
    tally.rewritten += 1
    if not write:
        return
    rows = model._base_manager.filter(pk=key)
    try:
        with transaction.atomic():
            rows.update(**changed)  # not save(): times and versions stay
    except IntegrityError:
        if all(each.one_way for each in columns):
            rows.delete()  # a row with the digest is there already, and is the newer one
        else:
            tally.doubled.append(str(key))


def _changes(columns: list[Any], stored: list[Any], wanted: Wanted) -> Iterator[tuple[str, Any]]:
    """The values to write, by column."""
    for column, value in zip(columns, stored, strict=True):
        if value in (None, ""):
            continue
        is_json = isinstance(column, SealedJSONField)
        found = json.loads(value) if is_json else value
        is_sealed = column.is_sealed(found)
        if wanted is Wanted.CLEAR:
            new = found if column.one_way or not is_sealed else column.clear(column.opened(found))
        elif not is_sealed:
            new = found if wanted is Wanted.CURRENT else column.sealed(column.opened(found))
        else:
            new = found if column.is_current(found) else column.sealed(column.opened(found))
        if new != found:
            yield column.name, Stored(new) if isinstance(new, str) else new
