from __future__ import annotations

from django.db import models


class Console(models.Model):
    """No table: it only carries the rights that are no right to a table (`roles`)."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("operate", "Push, plan, apply, test, change and rotate credentials"),
            ("administer", "Reveal passwords, apply unsafe plans"),
        ]
