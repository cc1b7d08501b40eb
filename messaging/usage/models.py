from __future__ import annotations

from django.db import models

ID = 40  # characters of an id
HOUR_KEY = (
    "organization_id",
    "hour",
    "carrier_id",
    "country",
    "sender_type",
    "status",
    "credential_id",
    "currency",
)

# No foreign keys here: usage outlives the carriers and credentials that it names.


class UsageRecord(models.Model):
    """What one transaction has counted, until `folding` adds it to the sums.

    - `minute`: in which the carrier accepted the message; for one that no carrier accepted, its
      end.
    - `status`: what `messages`, `segments` and `amount` count; `messages` is a change and may be
      negative. "" if the record is not about usage.
    - `outcome`, `code`, `bucket`: what `messages` counts for `messaging.quality`; "" if nothing.
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
    """The sums of one hour (UTC). `currency` is "" where there is no cost."""

    hour = models.DateTimeField()
    organization_id = models.CharField(max_length=ID)
    credential_id = models.CharField(max_length=ID, blank=True, default="")
    carrier_id = models.CharField(max_length=ID, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    sender_type = models.CharField(max_length=12, blank=True, default="")
    status = models.CharField(max_length=20)
    currency = models.CharField(max_length=3, blank=True, default="")
    # 32 bits: PostgreSQL sums these in half the time of BIGINT.
    messages = models.IntegerField()
    segments = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=HOUR_KEY, name="usage_hour_once"),
        ]
        indexes = [models.Index(fields=["hour"], name="usage_hour_age")]


class CredentialTotal(models.Model):
    """A counter of a credential that only grows (`totals`). `bucket`: the receipt's delay, -1 for
    none."""

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
