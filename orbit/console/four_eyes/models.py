from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Approval(models.Model):
    """What one administrator asks for and another one agrees to, for one use."""

    action = models.CharField(max_length=64)
    target = models.CharField(max_length=254)
    detail = models.CharField(max_length=254, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=models.F("asked_by")),
                name="nobody_agrees_with_themselves",
            ),
            models.UniqueConstraint(
                fields=["action", "target", "detail", "asked_by"],
                condition=Q(used_at=None),
                name="one_open_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
