from __future__ import annotations

from django.db import models

from orbit.accounts.organizations.models import Organization


class QuotaOverride(models.Model):
    """Another limit of one organisation than the setting's; `name` is one of `services.QUOTAS`."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="quota_overrides"
    )
    name = models.CharField(max_length=20)
    limit = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="quota_override_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.organization_id}: {self.limit}"
