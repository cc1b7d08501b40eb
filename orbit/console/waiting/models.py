from __future__ import annotations

from django.conf import settings
from django.db import models


class SeenTo(models.Model):
    """A text that waited for a person, and who has handled it."""

    # No reference: texts are deleted in large numbers, and these rows by themselves (`retention`).
    message_id = models.CharField(max_length=40, primary_key=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-message_id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.message_id
