from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from orbit.accounts.models import Organization


class Decision(models.TextChoices):
    """What a person decided on a near miss."""

    OPT_OUT = "opt_out"
    DISMISS = "dismiss"


class NearMiss(models.Model):
    """A text with a keyword for STOP among other words. It changed nothing; a person decides.

    `word`: as in the list of words; `decision`: "" until then. The row is deleted with its text.
    """

    message_id = models.CharField(max_length=40, primary_key=True)  # of the text
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    word = models.CharField(max_length=64)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True, default="")
    decided_by = models.CharField(max_length=254, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-message_id"]
        verbose_name_plural = "near misses"
        indexes = [
            models.Index(
                fields=["organization", "message_id"],
                condition=Q(decision=""),
                name="near_miss_waits",
            ),
            models.Index(fields=["organization", "message_id"], name="near_miss_by_organization"),
            models.Index(fields=["created_at"], name="near_miss_age"),
        ]

    def __str__(self) -> str:
        return self.message_id
