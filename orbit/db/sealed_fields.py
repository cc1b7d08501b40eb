"""Model fields whose values are sealed with `ENCRYPT_MESSAGES` (`orbit.db.sealing`).

Each reads sealed and clear values alike, so that the setting may change while there are rows, and
writes as the setting says. Migrations see Django's own fields: the columns are the same.

- `SealedTextField`, `SealedJSONField`: no look-up but `isnull` finds what is sealed.
- `SealedNumberField`: `exact` and `in` find a number in whatever form it is stored, by the index on
  `NumberKey`; no other look-up does.
- `DigestField`: only the digest is stored, which nothing turns back; the same look-ups.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.db.models import Func
from django.db.models.lookups import In
from django.utils.functional import cached_property

from orbit.db import sealing

_NUMBER = re.compile(r"\+?[0-9]{5,}")  # of a person: shorter ones are short codes
MOST_CLEAR = 64  # characters of a column's clear values; a sealed number has more


class Stored(str):
    """A value that is written as it is: `orbit.operations.resealing` makes it."""


class _Sealed:
    """What the fields share. `stored`: a value in the form of its column."""

    one_way = False

    @cached_property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def to_store(self, value: Any) -> Any:
        """The value as ENCRYPT_MESSAGES wants it in the column."""
        return self.sealed(value) if sealing.is_on() else self.clear(value)

    def sealed(self, value: Any) -> Any:
        raise NotImplementedError

    def clear(self, value: Any) -> Any:
        return value

    def opened(self, stored: Any) -> Any:
        """The value, sealed or not. Raises Undecryptable."""
        raise NotImplementedError

    def is_sealed(self, stored: Any) -> bool:
        raise NotImplementedError

    def is_current(self, stored: Any) -> bool:
        """Whether a sealed value is sealed under the first keys."""
        raise NotImplementedError

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is not None and not isinstance(value, Stored) and not hasattr(value, "as_sql"):
            value = self.to_store(value)
        return super().get_db_prep_save(value, connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.opened(value)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        kind = next(each for each in type(self).__mro__ if each.__module__.startswith("django."))
        return name, f"django.db.models.{kind.__name__}", args, kwargs


class SealedTextField(_Sealed, models.TextField):
    """A text. `findable`: what of it stands behind the token, to be found by `contains`: ids and
    digests."""

    def __init__(
        self, *args: Any, findable: Callable[[str], Iterable[str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._findable = findable

    def sealed(self, value: str) -> str:
        if not value:
            return value
        return sealing.MARK + sealing.seal(value, self.place) + self._tail(value)

    def clear(self, value: str) -> str:
        return sealing.clear_text(value)

    def opened(self, stored: str) -> str:
        return sealing.open_text(stored, self.place)

    def is_sealed(self, stored: str) -> bool:
        return sealing.is_sealed(stored)

    def is_current(self, stored: str) -> bool:
        own = stored.startswith(sealing.MARK + sealing.key_name())
        return own and (not self._findable or stored.endswith(self._tail(self.opened(stored))))

    def _tail(self, value: str) -> str:
        return "".join(f" {each}" for each in self._findable(value)) if self._findable else ""


class SealedJSONField(_Sealed, models.JSONField):
    """Objects and lists; sealed, the column has a JSON text. Empty ones stay clear."""

    def sealed(self, value: Any) -> Any:
        if not value:
            return value
        return sealing.MARK + sealing.seal(json.dumps(value, cls=self.encoder), self.place)

    def opened(self, stored: Any) -> Any:
        if not self.is_sealed(stored):
            return stored
        return json.loads(sealing.open_text(stored, self.place), cls=self.decoder)

    def is_sealed(self, stored: Any) -> bool:
        return isinstance(stored, str) and sealing.is_sealed(stored)

    def is_current(self, stored: Any) -> bool:
        return stored.startswith(sealing.MARK + sealing.key_name())

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = models.JSONField.from_db_value(self, value, expression, connection)
        return self.opened(found)


class SealedNumberField(_Sealed, models.CharField):
    """A phone number: sealed, a digest and a token behind it. Names and short codes stay clear."""

    def sealed(self, value: str) -> str:
        if not _NUMBER.fullmatch(value):
            return value
        return sealing.digest(value) + sealing.seal(value, self.place)

    def opened(self, stored: str) -> str:
        if not self.is_sealed(stored):
            return stored
        return sealing.unseal(stored[sealing.DIGEST_LENGTH :], self.place)

    def is_sealed(self, stored: str) -> bool:
        return stored.startswith(sealing.DIGEST_MARK) and len(stored) > MOST_CLEAR

    def is_current(self, stored: str) -> bool:
        beginning = sealing.digest(self.opened(stored)) + sealing.key_name()
        return stored.startswith(beginning)


class DigestField(_Sealed, models.CharField):
    """A value that is only compared, never shown: only its digest is stored."""

    one_way = True

    def sealed(self, value: str) -> str:
        return value if not value or self.is_sealed(value) else sealing.digest(value)

    def opened(self, stored: str) -> str:
        return stored

    def is_sealed(self, stored: str) -> bool:
        return stored.startswith(sealing.DIGEST_MARK) and len(stored) == sealing.DIGEST_LENGTH

    def is_current(self, stored: str) -> bool:
        return True  # a digest does not name its key


class NumberKey(Func):
    """The expression that numbers are looked up by: the number, or the digest that its sealed form
    begins with."""

    template = f"SUBSTR(%(expressions)s, 1, {sealing.DIGEST_LENGTH})"
    output_field = models.CharField()
    arity = 1


class _KeyIn(In):
    """`in` for numbers in any stored form. A value that is not text (a subquery) is compared as it
    is."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if not hasattr(rhs, "as_sql") and not hasattr(rhs, "query"):
            rhs = list(dict.fromkeys(form for each in rhs for form in sealing.spellings(each)))
            lhs = self.key_of(lhs)
        super().__init__(lhs, rhs)

    def key_of(self, lhs: Any) -> Any:
        return NumberKey(lhs) if isinstance(lhs.output_field, SealedNumberField) else lhs


class _KeyIs(_KeyIn):
    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, rhs if hasattr(rhs, "as_sql") else [rhs])


for _field in (SealedNumberField, DigestField):
    _field.register_lookup(_KeyIn, "in")
    _field.register_lookup(_KeyIs, "exact")
