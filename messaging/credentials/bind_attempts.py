"""Binds that people cause and that a carrier refused: the rows that `bind_limits` counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

AWAITED = timedelta(seconds=60)  # without an answer for so long it is as good as refused


class BindAttempt(models.Model):
    """A bind that is under way, was refused, or was given to the gateway unproven.

    Names and no foreign keys: a credential that is deleted and made again is counted on.
    `caller` is "" where a worker of ours asks; `address` is "" until a connection is up.
    Of a bind of the gateway, `bind_version` is the credential's, and `awaited_version` its
    `gateway_version` until the carrier's answer is known; `beside`: where it is made while an
    earlier one is up, when that began, by the gateway's clock (seconds since 1970).
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    organization_id = models.CharField(max_length=40)
    credential_id = models.CharField(max_length=40)
    caller = models.CharField(max_length=100)
    host = models.CharField(max_length=253)
    address = models.CharField(max_length=45, default="")
    system_id = models.CharField(max_length=16)
    bind_version = models.PositiveIntegerField(null=True)
    awaited_version = models.PositiveIntegerField(null=True)
    beside = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"bind attempt for {self.credential_id}"

    def is_awaited(self, now: datetime) -> bool:
        """Whether the gateway may still get an answer."""
        return self.awaited_version is not None and self.at > now - AWAITED
