from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "orbit.api"
    label = "api"

    def ready(self) -> None:
        # These register themselves; they read settings and models.
        import_module("orbit.checks")
        import_module("orbit.api.retention")
