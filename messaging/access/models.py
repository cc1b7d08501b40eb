from __future__ import annotations

from django.db import models

from messaging.credentials.models import SyncState
from orbit.accounts.models import Organization
from orbit.db.fields import EncryptedTextField


class Access(models.Model):
    """An organisation's user on the gateway's SMPP server; its system_id is the gateway key.

    The password is generated (8 characters, SMPP 3.4 §5.2.2) and takes effect at once.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, primary_key=True, related_name="access"
    )
    enabled = models.BooleanField(default=False)
    max_bindings = models.PositiveSmallIntegerField(default=2)
    throughput = models.PositiveIntegerField(default=None, null=True)  # messages/s; null = no limit
    # Addresses or CIDR from which its system_id may bind; empty = from anywhere.
    allowed_ips = models.JSONField(default=list, blank=True)
    password = EncryptedTextField()
    password_set_at = models.DateTimeField()
    password_revealed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Only the reconciler writes these.
    sync_state = models.CharField(
        max_length=8, choices=SyncState.choices, default=SyncState.PENDING, editable=False
    )
    sync_error = models.TextField(blank=True, default="", editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)
    # Carriers that the gateway does not route to from this access as wanted: `{carrier id: why}`.
    carrier_errors = models.JSONField(default=dict, blank=True, editable=False)
    bound_sessions = models.PositiveSmallIntegerField(default=0, editable=False)
    # submit_sm of its binds; and `{gateway: [process, its count]}` as the last pass has read them.
    submits_total = models.PositiveBigIntegerField(default=0, editable=False)
    submits_seen = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = "platform bind"

    def __str__(self) -> str:
        return f"access of {self.organization_id}"
