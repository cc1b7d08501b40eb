from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "orbit.api"
    label = "api"

    def ready(self) -> None:
        # They read settings and models, and register themselves.
        import_module("orbit.checks")
        import_module("orbit.api.retention")
        import_module("orbit.api.heartbeats")
        import_module("orbit.api.quiet")
        import_module("orbit.api.connections")
