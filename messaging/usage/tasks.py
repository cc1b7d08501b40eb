"""Celery tasks. A lost task makes usage and quality late, never wrong: beat queues the next one."""

from __future__ import annotations

from celery import shared_task

from messaging.quality import evaluation
from messaging.usage import folding


@shared_task
def sweep() -> None:
    """Fold the records, then evaluate the carriers by the new counts."""
    if folding.fold():
        evaluation.evaluate()
