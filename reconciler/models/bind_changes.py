from __future__ import annotations

from django.db import models

from messaging.credentials.models import BindState, Credential


class BindChange(models.Model):
    """A change of a credential's bind from `before` ("" for its first) to `state`, and why."""

    credential = models.ForeignKey(
        Credential, on_delete=models.CASCADE, db_index=False, related_name="bind_changes"
    )
    before = models.CharField(max_length=8, choices=BindState.choices, blank=True, default="")
    state = models.CharField(max_length=8, choices=BindState.choices)
    reason = models.TextField(blank=True, default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["credential", "-id"]),
            models.Index(fields=["state", "id"], name="bind_change_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.credential_id}: {self.before or 'new'} → {self.state}"
