from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "orbit.operations"
    label = "operations"

    def ready(self) -> None:
        # These register themselves; they read settings and models.
        import_module("orbit.operations.heartbeats")
        import_module("orbit.operations.log_filters")
        import_module("orbit.db.connection_checks")
