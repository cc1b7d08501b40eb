"""Attempts at binds that people caused: the rows that `bind_limits` counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

AWAITED = timedelta(seconds=60)  # after which an unanswered bind counts as refused


class BindAttempt(models.Model):
    """A bind that is under way, was refused, or was given to the gateway unproven.

    - There are no foreign keys: deleting a credential and adding it again must not reset its count.
    - `caller`: "" where the system itself asks; `address`: "" until a connection is up.
    - Of a bind that the gateway makes: `bind_version` is the credential's; `awaited_version` is its
      `gateway_version` until the carrier's answer is known. If it is made beside an earlier bind,
      `beside` is when that one began, by the gateway's clock (seconds since 1970).
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
        """Whether the carrier's answer may still come."""
        return self.awaited_version is not None and self.at > now - AWAITED
