"""Encrypted model fields: the only door to the Fernet library.

`fernet_fields` encrypts with the first of `FERNET_KEYS` and reads with any of them
(`manage.py rotate_fernet_keys` re-encrypts). Two faults of it are corrected here: expressions, and
that one row whose key is gone makes all rows of its table unreadable.
"""

from __future__ import annotations

import fernet_fields
from cryptography.fernet import InvalidToken
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute


class Undecryptable(Exception):
    """None of FERNET_KEYS opens a value."""


def fault(row: Model, *names: str) -> str:
    """Say why one of these encrypted fields can't be read; "" when all can."""
    try:
        for name in names:
            getattr(row, name)
    except Undecryptable as error:
        return str(error)
    return ""


class _Sealed(bytes):
    """Ciphertext as it came from the database."""


class _OpenedWhenRead(DeferredAttribute):
    """Decrypts a value when it is asked for, so that who never asks needs no key."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = self.field.open(value)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class _ExpressionsPass:
    """Let expressions through: `bulk_update()` would otherwise encrypt the text `CASE WHEN …`."""

    def get_db_prep_save(self, value, connection):
        if hasattr(value, "as_sql"):
            return value
        return super().get_db_prep_save(value, connection)


class EncryptedTextField(_ExpressionsPass, fernet_fields.EncryptedTextField):
    """Text that is ciphertext in the database; no look-up but `isnull` works on it.

    Reading the attribute raises Undecryptable when FERNET_KEYS lacks its key; `values()` gives the
    ciphertext.
    """

    descriptor_class = _OpenedWhenRead

    def from_db_value(self, value, expression, connection):
        return None if value is None else _Sealed(value)

    def open(self, sealed: bytes) -> str:
        """Return the clear text."""
        try:
            return self.fernet.decrypt(bytes(sealed)).decode()
        except InvalidToken:
            raise Undecryptable(
                f"{self.name}: no key in FERNET_KEYS decrypts it; put the old key back behind the "
                "new one, or set it anew"
            ) from None
