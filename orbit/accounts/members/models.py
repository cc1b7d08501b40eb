from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from orbit.accounts.organizations.models import Organization


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    VIEWER = "viewer"
    BILLING = "billing"


class Member(models.Model):
    """A person's role in one organisation."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    # When the person first signed in to this organisation. Until then they are only invited: the
    # organisation can't change how they sign in, and learns nothing of it.
    accepted_at = models.DateTimeField(null=True, default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="one_role_a_person_and_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
