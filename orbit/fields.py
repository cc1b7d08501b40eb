"""Encrypted model fields: the only door to the Fernet library.

`fernet_fields` encrypts with the first of `FERNET_KEYS` and reads with any of them
(`manage.py rotate_fernet_keys` re-encrypts). Two faults of it are corrected here.
"""

from __future__ import annotations

import fernet_fields


class _ExpressionsPass:
    """Let expressions through: `bulk_update()` would otherwise encrypt the text `CASE WHEN …`."""

    def get_db_prep_save(self, value, connection):
        if hasattr(value, "as_sql"):
            return value
        return super().get_db_prep_save(value, connection)


class EncryptedTextField(_ExpressionsPass, fernet_fields.EncryptedTextField):
    """Text that is ciphertext in the database; no look-up but `isnull` works on it."""
