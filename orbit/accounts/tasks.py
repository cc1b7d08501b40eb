"""Celery tasks of accounts."""

from __future__ import annotations

import logging

from celery import shared_task

from orbit.accounts.audit import stream

logger = logging.getLogger(__name__)


@shared_task
def stream_audit() -> None:
    """Write the audit rows that file and syslog lack; beat sends it every few seconds."""
    try:
        stream.drain()
    except OSError as error:
        logger.error("the audit can't be streamed and waits: %s", error.strerror or error)
