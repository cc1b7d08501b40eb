"""An operator's authenticator app, and the codes for the day on which it is lost.

django-otp's own models keep their keys in clear text; these encrypt the one and hash the others.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from django.db import models
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from orbit.db.fields import EncryptedTextField

_KEY_BYTES = 20  # 160 bits, as RFC 4226 recommends
_TOLERANCE = 1  # steps of 30 s that a clock may be wrong
_RECOVERY_BYTES = 10  # 80 random bits: a plain hash is enough


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

    def verify_token(self, token: str) -> bool:
        """Take a code: of the app, or a recovery code. The row is locked, and kept by this."""
        if not self.verify_is_allowed()[0]:
            return False
        right = self._takes_code(token) or self._takes_recovery_code(token)
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

    def _takes_recovery_code(self, token: str) -> bool:
        codes = self.recovery_codes.filter(code_hash=_hash(token), used_at=None)
        return bool(codes.update(used_at=timezone.now()))


class RecoveryCode(models.Model):
    """A code that is good once, in the place of one of the app."""

    authenticator = models.ForeignKey(
        Authenticator, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=64)  # hex SHA-256
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"recovery code {self.pk}"

    @classmethod
    def renew(cls, authenticator: Authenticator, number: int) -> list[str]:
        """Replace all codes of the authenticator; the new ones are shown once."""
        authenticator.recovery_codes.all().delete()
        codes = [
            base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(number)
        ]
        cls.objects.bulk_create(
            cls(authenticator=authenticator, code_hash=_hash(code)) for code in codes
        )
        return codes


def _hash(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
