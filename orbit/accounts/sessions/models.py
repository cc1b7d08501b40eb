from __future__ import annotations

from django.conf import settings
from django.db import models

from orbit.accounts.organizations.models import Organization
from orbit.ids import id_factory


class Session(models.Model):
    """One login and the family of refresh tokens that came of it.

    `organization` is null for an operator without a membership.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("ses"), editable=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # Django's hash of the password at login: a new password ends the sessions of the old one.
    auth_hash = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class LoginAddress(models.Model):
    """An address from which a person has signed in; of IPv6 its /64 (`login_limits`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=43)
    at = models.DateTimeField()  # the last time

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "network"], name="one_login_address_a_user")
        ]

    def __str__(self) -> str:
        return f"{self.network} of user {self.user_id}"


class RefreshToken(models.Model):
    """Works for one refresh; a second use ends the session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="tokens")
    secret_hash = models.CharField(max_length=64, unique=True)  # hex SHA-256
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"refresh token of {self.session_id}"


class BrowserSession(models.Model):
    """A session of the console: whose it is, from where, and when its person last did something."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)  # Django's when it began
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"session {self.pk} of {self.user}"
