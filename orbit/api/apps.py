from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "orbit.api"
    label = "api"

    def ready(self) -> None:
        # They read settings and models, and register themselves.
        import_module("orbit.checks")
        import_module("orbit.operations.retention")
        import_module("orbit.operations.heartbeats")
        import_module("orbit.operations.log_filters")
        import_module("orbit.db.connection_checks")
