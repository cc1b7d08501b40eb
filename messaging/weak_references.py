"""Foreign keys of rows that outlive the row they name."""

from __future__ import annotations

from django.db import models


def weak_reference(model: type[models.Model], **options: object) -> models.ForeignKey:
    """A nullable reference without constraint and index: its id stays when the row is deleted."""
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        null=True,
        **options,
    )
