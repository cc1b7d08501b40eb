from __future__ import annotations

from django.conf import settings
from django.db import models

from orbit.ids import id_factory, new_gateway_key


class Organization(models.Model):
    """A tenant: everything that is wanted belongs to one."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("org"), editable=False
    )
    name = models.CharField(max_length=100)
    # gid of its group in Jasmin, and uid of its access user
    gateway_key = models.CharField(
        max_length=16, unique=True, default=new_gateway_key, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "organisation"

    def __str__(self) -> str:
        return self.name


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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="one_role_a_person_and_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
