from __future__ import annotations

from django.db import models

from messaging.credentials.models import Credential
from messaging.webhooks.models import MAX_URL
from orbit.accounts.models import Organization
from orbit.ids import id_factory

ID_PREFIX = "num"


class Route(models.TextChoices):
    """Where texts to a number go."""

    WEBHOOK = "webhook"
    ACCESS = "access"  # the organisation's own platform, on its access bind
    BOTH = "both"


class OwnNumber(models.Model):
    """A number, or a short code with its `countries`, at which texts come in by `credential`.

    `keywords`: `[{word, webhook_url, answer}]`, by the first word of a text; null: none.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory(ID_PREFIX), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="numbers"
    )
    credential = models.ForeignKey(Credential, on_delete=models.RESTRICT, related_name="numbers")
    number = models.CharField(max_length=16)
    countries = models.JSONField(default=list, blank=True)
    route = models.CharField(max_length=8, choices=Route.choices, default=Route.WEBHOOK)
    webhook_url = models.CharField(max_length=MAX_URL, default=None, null=True)
    keywords = models.JSONField(default=list, blank=True)
    default_answer = models.TextField(default=None, null=True)
    version = models.PositiveIntegerField(default=1)  # grows with every write
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "number"
        constraints = [
            models.UniqueConstraint(
                fields=["credential", "number"], name="own_number_once_a_credential"
            )
        ]
        indexes = [
            models.Index(fields=["organization", "number"], name="own_number_of_organization")
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.id})"
