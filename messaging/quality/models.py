from __future__ import annotations

from django.db import models

from messaging.carriers.demotions import Level
from messaging.carriers.models import Carrier

MINUTE, HOUR = 60, 3600  # seconds; the values of `QualityCount.span`
COUNT_KEY = (
    "carrier_id",
    "span",
    "start",
    "country",
    "sender_type",
    "outcome",
    "code",
    "bucket",
    "organization_id",
)
_ID = 40  # characters of an id; they have no constraint here


class QualityCount(models.Model):
    """Messages that a carrier accepted in one minute or hour (`span`, `start`), by outcome.

    Late receipts change old rows. `bucket`: the receipt's delay (`outcomes.EDGES`).
    """

    span = models.PositiveSmallIntegerField()
    start = models.DateTimeField()
    organization_id = models.CharField(max_length=_ID)
    carrier_id = models.CharField(max_length=_ID)
    country = models.CharField(max_length=2, blank=True, default="")
    sender_type = models.CharField(max_length=12, blank=True, default="")
    outcome = models.CharField(max_length=13)
    code = models.CharField(max_length=64, blank=True, default="")
    bucket = models.SmallIntegerField(default=-1)
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=COUNT_KEY, name="quality_count_once"),
        ]
        indexes = [models.Index(fields=["span", "start"], name="quality_count_age")]


class CarrierStanding(models.Model):
    """A carrier's level in a country: a `decisions.Standing`. A carrier without a row is
    healthy."""

    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="standings")
    country = models.CharField(max_length=2)
    level = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Level])
    since = models.DateTimeField()
    pause = models.PositiveIntegerField()  # seconds
    paused_at = models.DateTimeField(null=True)
    probing_since = models.DateTimeField(null=True)
    moves = models.JSONField(default=list)  # epoch seconds of the changes within the last hour
    evidence = models.JSONField(default=dict)  # of the last change

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carrier", "country"], name="standing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id} in {self.country}: {self.level}"


class QualityMove(models.Model):
    """A change of level, with the counts that it was decided by."""

    organization_id = models.CharField(max_length=_ID)
    carrier_id = models.CharField(max_length=_ID)
    country = models.CharField(max_length=2)
    mode = models.CharField(max_length=8)
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    at = models.DateTimeField()
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["carrier_id", "-id"], name="quality_move_of_carrier"),
            models.Index(fields=["at"], name="quality_move_age"),
        ]
