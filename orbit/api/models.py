from __future__ import annotations

from django.db import models

from orbit.db.fields import EncryptedTextField


class IdempotentRequest(models.Model):
    """A request that came with an Idempotency-Key, and its answer once there is one.

    `token` says whose claim it is while there is no answer; a claim is free after `leased_until`.
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


class Heartbeat(models.Model):
    """A worker or the beat, as Celery names it (`sender@HOST`), and when it last said that it
    lives. `queues`: the names of those that it takes tasks from."""

    name = models.CharField(max_length=255, primary_key=True)
    queues = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
