from __future__ import annotations

from django.db import models

from orbit.ids import id_factory, new_gateway_key


class Organization(models.Model):
    """A tenant, who owns credentials, carriers, messages and all the rest."""

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("org"), editable=False
    )
    name = models.CharField(max_length=100)
    # gid of its group in Jasmin, and uid of its access user
    gateway_key = models.CharField(
        max_length=16, unique=True, default=new_gateway_key, editable=False
    )
    # Addresses or CIDR from which its API keys may be used; empty = from anywhere.
    allowed_ips = models.JSONField(default=list, blank=True)
    # Days that messages are kept after their end; None: RETENTION_MESSAGES_DAYS.
    messages_kept_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Version of its opt-out list (`messaging.opt_outs`). It is here because every sender of
    # messages reads this row anyway.
    opt_outs = models.BigIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "organisation"

    def __str__(self) -> str:
        return self.name
