"""Tasks of Celery. A lost task makes usage and quality late, never wrong: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.quality import evaluation
from messaging.usage import folding


@shared_task
def sweep() -> None:
    """Add up what was counted, then decide on carriers by it."""
    if folding.fold():
        evaluation.evaluate()
