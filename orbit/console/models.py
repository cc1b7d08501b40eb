from __future__ import annotations

from django.db import models

from orbit.console.four_eyes.models import Approval
from orbit.console.waiting.models import SeenTo

__all__ = ["Approval", "Console", "SeenTo"]


class Console(models.Model):
    """A model without a table, for the permissions that belong to no table (see `roles`)."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("operate", "Push, plan, apply, test, change and rotate credentials"),
            ("administer", "Reveal passwords, apply unsafe plans"),
        ]
