"""The project: settings, urls, Celery, and what every app shares (api, accounts, stack)."""

from __future__ import annotations

from orbit.celery import app as celery_app

__all__ = ["celery_app"]
