"""Refuses to start a process with settings that make no sense.

Commands of manage.py run the checks themselves; gunicorn and Celery run none.
"""

from __future__ import annotations

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

START = "orbit"  # the tag of the checks of settings: cheap, and without database


def refuse_senseless_settings() -> None:
    """Raise ImproperlyConfigured naming every error of the settings."""
    errors = [each for each in run_checks(tags=[START]) if each.is_serious()]
    if errors:
        raise ImproperlyConfigured(" ".join(f"{each.msg} ({each.id})" for each in errors))
