"""Writing every secret anew under the first of `FERNET_KEYS`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import transaction
from django.db.models import BinaryField, ExpressionWrapper, F, Model, QuerySet
from fernet_fields import EncryptedField

CHUNK = 200


@dataclass
class Tally:
    """What became of one column: rows that were fine, were written anew, can't be read."""

    column: str  # app.Model.field
    fine: int = 0
    rewritten: int = 0
    unreadable: list[str] = field(default_factory=list)  # primary keys

    @property
    def clean(self) -> bool:
        return not self.unreadable


def columns() -> Iterator[tuple[type[Model], EncryptedField]]:
    """Every encrypted column of the project."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.local_concrete_fields:
            if isinstance(column, EncryptedField):
                yield model, column


def reencrypt(model: type[Model], column: EncryptedField, *, write: bool = True) -> Tally:
    """Write the column's rows anew where the first key alone can't read them (`write=False`: only
    count those as unreadable).

    A few rows at a time, each batch locked for a moment: a write that comes meanwhile waits, and is
    not lost. What was done stays done, so it may be stopped and started again.
    """
    tally = Tally(f"{model._meta.label}.{column.name}")
    first = Fernet(column.fernet_keys[0])
    last = None
    while True:
        with transaction.atomic():
            batch = list(_batch(model, column, last))
            for key, token in batch:
                _one(model, column, key, bytes(token), first, tally, write)
        if len(batch) < CHUNK:
            return tally
        last = batch[-1][0]


def _batch(model: type[Model], column: EncryptedField, last: object) -> QuerySet:
    """Primary keys and raw tokens of the next rows."""
    raw = ExpressionWrapper(F(column.name), output_field=BinaryField())
    rows = model._base_manager.select_for_update().exclude(**{f"{column.name}__isnull": True})
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return rows.order_by("pk").annotate(_token=raw).values_list("pk", "_token")[:CHUNK]


def _one(
    model: type[Model],
    column: EncryptedField,
    key: object,
    token: bytes,
    first: Fernet,
    tally: Tally,
    write: bool,
) -> None:
    try:
        first.decrypt(token)
        tally.fine += 1
        return
    except InvalidToken:
        pass
    try:
        value = column.to_python(column.fernet.decrypt(token).decode())
    except InvalidToken:
        tally.unreadable.append(str(key))
        return
    if not write:
        tally.unreadable.append(str(key))
        return
    # update() and not save(): times, versions and signals are none of this command's business.
    model._base_manager.filter(pk=key).update(**{column.name: value})
    tally.rewritten += 1
