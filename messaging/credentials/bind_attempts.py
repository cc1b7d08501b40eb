"""Binds that people ask for and that a carrier refused: the rows that `bind_limits` counts."""

from __future__ import annotations

from django.db import models


class BindAttempt(models.Model):
    """A bind that is under way, was refused, or was given to the gateway unproven.

    Names and no foreign keys: a credential that is deleted and made again is counted on.
    `caller` is "" where a worker of ours asks; `address` is "" until a connection is up.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    organization_id = models.CharField(max_length=40)
    credential_id = models.CharField(max_length=40)
    caller = models.CharField(max_length=100)
    host = models.CharField(max_length=253)
    address = models.CharField(max_length=45, default="")
    system_id = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"bind attempt for {self.credential_id}"
