"""An operator's authenticator app and passkeys, and the codes for the day on which they are lost.

django-otp's own models keep their keys in clear text; these encrypt the app's and hash the codes.
Each is a device of django-otp: a session names the one that it was proved with, and is no longer
proved when that one goes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from django.db import models
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from orbit.accounts.users.models import User
from orbit.db.fields import EncryptedTextField

_KEY_BYTES = 20  # 160 bits, as RFC 4226 recommends
_TOLERANCE = 1  # steps of 30 s that a clock may be wrong
_LONGEST_WAIT = 12  # wrong codes: 34 minutes after each further one
_RECOVERY_BYTES = 10  # 80 random bits: a plain hash is enough
_RECOVERY = "recovery code"


class Authenticator(ThrottlingMixin, Device):
    """Codes that change every 30 s (TOTP, RFC 6238). Each is good once."""

    secret = EncryptedTextField()  # base32, as apps take it
    last_step = models.BigIntegerField(default=-1)  # of the last code that was taken

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @staticmethod
    def new_secret() -> str:
        return base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode()

    def get_throttle_factor(self) -> int:
        return 1  # seconds, doubled by each wrong code

    def throttle_increment(self, commit: bool = True) -> None:
        """As django-otp's, but bounded: a thief of the password alone must not lock the owner out
        for days."""
        super().throttle_increment(commit=False)
        self.throttling_failure_count = min(self.throttling_failure_count, _LONGEST_WAIT)
        if commit:
            self.save()

    def verify_token(self, token: str) -> bool:
        """Check a code of the app. Locks and saves the row."""
        if not self.verify_is_allowed()[0]:
            return False
        right = self._takes_code(token)
        if right:
            self.throttle_reset(commit=False)
        else:
            self.throttle_increment(commit=False)
        self.save()
        return right

    def _takes_code(self, token: str) -> bool:
        if not (len(token) == 6 and token.isascii() and token.isdigit()):
            return False
        totp = TOTP(base64.b32decode(self.secret))
        if not totp.verify(int(token), _TOLERANCE, self.last_step + 1):
            return False
        self.last_step = totp.t()
        return True


class Passkey(Device):
    """A key pair of an authenticator (WebAuthn), of which the public one is here."""

    credential_id = models.CharField(max_length=1366, unique=True)  # base64url of 1,023 bytes
    credential = models.BinaryField()  # AAGUID, id and public key, as WebAuthn lays them out
    sign_count = models.BigIntegerField()  # 0 for ever where the authenticator doesn't count
    last_challenge_at = models.DateTimeField()  # when that one was made
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    copied_at = models.DateTimeField(null=True)  # its counter went back: it is good for nothing

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"passkey {self.name} of {self.user}"


class RecoveryCode(Device):
    """A code that works once instead of an app or a passkey. It has 80 random bits, so wrong codes
    need no count."""

    code_hash = models.CharField(max_length=64)  # hex SHA-256
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"recovery code {self.pk}"

    @classmethod
    def renew(cls, user: User, number: int) -> list[str]:
        """Replace all that are left; the new ones are shown once.

        Used ones stay: sessions were proved with them.
        """
        cls.left(user).delete()
        codes = [
            base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(number)
        ]
        cls.objects.bulk_create(
            cls(user=user, name=_RECOVERY, code_hash=_hash(code)) for code in codes
        )
        return codes

    @classmethod
    def left(cls, user: User) -> models.QuerySet[RecoveryCode]:
        return cls.objects.filter(user=user, used_at=None)

    @classmethod
    def take(cls, user: User, code: str) -> RecoveryCode | None:
        """Use up one code; None if the person has no such code left."""
        row = cls.left(user).filter(code_hash=_hash(code)).first()
        taken = row and cls.left(user).filter(pk=row.pk).update(used_at=timezone.now())
        return row if taken else None


def _hash(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
