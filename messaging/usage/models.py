from __future__ import annotations

from django.db import models

ID = 40  # characters of an id

# Ids here have no constraint: what was sent through a carrier is told after it is deleted.


class UsageRecord(models.Model):
    """What one transaction has counted, not added up yet (`folding`).

    - `minute`: in which the carrier took the message; of one that no carrier took, its end.
    - `status`: that `messages` (a change: it may be below 0), `segments` and `amount` are of; "" if
      the row says nothing of usage.
    - `outcome`, `code`, `bucket`: of `messages`, for `messaging.quality`; "" if it says nothing.
    """

    minute = models.DateTimeField()
    organization_id = models.CharField(max_length=ID)
    credential_id = models.CharField(max_length=ID, blank=True, default="")
    carrier_id = models.CharField(max_length=ID, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    sender_type = models.CharField(max_length=12, blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    outcome = models.CharField(max_length=13, blank=True, default="")
    code = models.CharField(max_length=64, blank=True, default="")
    bucket = models.SmallIntegerField(default=-1)
    currency = models.CharField(max_length=3, blank=True, default="")
    messages = models.IntegerField()
    segments = models.IntegerField()
    amount = models.DecimalField(max_digits=18, decimal_places=5)


class UsageHour(models.Model):
    """The sums of an hour (UTC). `currency` "" where nothing is to be paid."""

    hour = models.DateTimeField()
    organization_id = models.CharField(max_length=ID)
    credential_id = models.CharField(max_length=ID, blank=True, default="")
    carrier_id = models.CharField(max_length=ID, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    sender_type = models.CharField(max_length=12, blank=True, default="")
    status = models.CharField(max_length=20)
    currency = models.CharField(max_length=3, blank=True, default="")
    # Of 32 bits: PostgreSQL adds these up in half the time.
    messages = models.IntegerField()
    segments = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "organization_id",
                    "hour",
                    "carrier_id",
                    "country",
                    "sender_type",
                    "status",
                    "credential_id",
                    "currency",
                ],
                name="usage_hour_once",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="usage_hour_age")]


class CredentialTotal(models.Model):
    """A sum that only grows (`totals`). `bucket`: of receipts' seconds, -1 for none."""

    credential_id = models.CharField(max_length=ID)
    what = models.CharField(max_length=16)
    bucket = models.SmallIntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential_id", "what", "bucket"], name="credential_total_once"
            ),
        ]
