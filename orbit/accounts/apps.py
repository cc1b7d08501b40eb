from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "orbit.accounts"
    label = "accounts"

    def ready(self) -> None:
        # They register themselves.
        import_module("orbit.accounts.sessions.retention")
        import_module("orbit.accounts.audit.health")
        import_module("orbit.accounts.api_keys.metrics")
