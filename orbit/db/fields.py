"""Encrypted model fields: those of `fernet_fields`, with three faults corrected.

They encrypt with the first of `FERNET_KEYS` and decrypt with any of them
(`manage.py rotate_fernet_keys` re-encrypts). The faults: expressions were encrypted as text, one
row with a lost key made all rows of its table unreadable, and a field kept the keys that it had
when it was used first, whatever the setting was later (in tests of a rotation).
"""

from __future__ import annotations

from functools import lru_cache

import fernet_fields
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute
from fernet_fields.hkdf import derive_fernet_key


class Undecryptable(Exception):
    """None of FERNET_KEYS decrypts a value."""


def fault(row: Model, *names: str) -> str:
    """Say why one of these encrypted fields can't be read; "" when all can."""
    try:
        for name in names:
            getattr(row, name)
    except Undecryptable as error:
        return str(error)
    return ""


class _Ciphertext(bytes):
    """Ciphertext as it came from the database."""


class _DecryptedWhenRead(DeferredAttribute):
    """Decrypts a value when it is read; a row can be loaded without the key of a value."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, _Ciphertext):
            value = instance.__dict__[self.field.attname] = self.field.decrypt(value)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


@lru_cache(maxsize=8)
def _derived(keys: tuple[str, ...]) -> list[bytes]:
    return [derive_fernet_key(key) for key in keys]


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _derived(keys)])


class EncryptedTextField(fernet_fields.EncryptedTextField):
    """Text that is ciphertext in the database; `isnull` is the only look-up that works on it.

    Reading the attribute raises Undecryptable when FERNET_KEYS lacks its key; `values()` gives the
    ciphertext.
    """

    descriptor_class = _DecryptedWhenRead

    @property
    def fernet_keys(self) -> list[bytes]:
        return _derived(tuple(settings.FERNET_KEYS))

    @property
    def fernet(self) -> MultiFernet:
        return _fernet(tuple(settings.FERNET_KEYS))

    def get_db_prep_save(self, value, connection):
        # `bulk_update()` would otherwise encrypt the text `CASE WHEN …`.
        if hasattr(value, "as_sql"):
            return value
        return super().get_db_prep_save(value, connection)

    def from_db_value(self, value, expression, connection):
        return None if value is None else _Ciphertext(value)

    def decrypt(self, ciphertext: bytes) -> str:
        """Return the clear text."""
        try:
            return self.fernet.decrypt(bytes(ciphertext)).decode()
        except InvalidToken:
            raise Undecryptable(
                f"{self.name}: no key in FERNET_KEYS decrypts it; put the old key back behind the "
                "new one, or set it anew"
            ) from None
