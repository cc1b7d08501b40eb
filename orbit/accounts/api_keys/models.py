from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from orbit.accounts.organizations.models import Organization
from orbit.ids import id_factory


class ApiKey(models.Model):
    """A secret that programs present; only its hash is kept.

    An operator key (`is_operator`) belongs to no organisation and is made by a command alone.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("key"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)  # what people recognise it by
    secret_hash = models.CharField(max_length=64, unique=True)  # hex SHA-256 of the whole key
    scopes = models.JSONField(default=list)
    allowed_ips = models.JSONField(default=list)  # addresses or CIDR; empty = from anywhere
    expires_at = models.DateTimeField(null=True)
    # The rights of the key end with the rights of its maker.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The key that made this one, if no person did.
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organization=None, is_operator=True)
                | Q(organization__isnull=False, is_operator=False),
                name="api_key_of_an_organization_or_an_operator",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_living(self) -> bool:
        return self.revoked_at is None

    def has_expired(self, now: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (now or timezone.now())
