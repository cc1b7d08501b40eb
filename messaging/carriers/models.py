from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from messaging.carriers.demotions import QualityMode
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from orbit.ids import id_factory


class Carrier(models.Model):
    """A credential with routing metadata. `countries`: ISO 3166-1 alpha-2, or `["*"]`.

    `demotions`: where it delivers too little, as `demotions.write` writes it; `messaging.quality`
    alone does, without a new version.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("carr"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="carriers"
    )
    credential = models.ForeignKey(Credential, on_delete=models.RESTRICT, related_name="carriers")
    name = models.CharField(max_length=64)
    countries = models.JSONField()
    quality = models.PositiveSmallIntegerField(default=50)  # 0-100, higher is better
    fallback_order = models.PositiveSmallIntegerField(default=1)  # 1-100, lower is tried first
    billing_rate = models.DecimalField(max_digits=12, decimal_places=5, default=Decimal(0))
    currency = models.CharField(max_length=3, default="USD")  # ISO 4217
    enabled = models.BooleanField(default=True)
    quality_mode = models.CharField(
        max_length=8,
        choices=[(each.value, each.value) for each in QualityMode],
        default=QualityMode.OFF.value,
        db_default=QualityMode.OFF.value,
    )
    demotions = models.TextField(blank=True, default="", db_default="", editable=False)
    version = models.PositiveIntegerField(default=1)  # grows with every write
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["organization"],
                condition=~Q(quality_mode=QualityMode.OFF.value),
                name="carrier_quality_looked_at",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quality__lte=100), name="carrier_quality_in_range"),
            models.CheckConstraint(
                condition=Q(fallback_order__gte=1, fallback_order__lte=100),
                name="carrier_fallback_order_in_range",
            ),
            models.CheckConstraint(
                condition=Q(billing_rate__gte=0), name="carrier_billing_rate_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"
