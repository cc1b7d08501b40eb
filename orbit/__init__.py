"""The project: settings, routes, the Celery app; accounts, api, console, operations, db, dev."""

from __future__ import annotations

from orbit.celery import app as celery_app

__all__ = ["celery_app"]
