from __future__ import annotations

from django.db import models

from orbit.db.fields import EncryptedTextField


class IdempotentRequest(models.Model):
    """A request with an Idempotency-Key, and its answer once there is one.

    Until then `token` identifies the claim, which is free after `leased_until`.
    """

    caller = models.CharField(max_length=128)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=512)
    key = models.CharField(max_length=255)
    body_mac = models.CharField(max_length=64)  # hex HMAC-SHA256: a plain hash would be an oracle
    token = models.CharField(max_length=32)
    leased_until = models.DateTimeField()
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = EncryptedTextField(null=True)  # JSON: status, body, headers

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "method", "path", "key"], name="one_request_an_idempotency_key"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
