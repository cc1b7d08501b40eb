from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ReconcilerConfig(AppConfig):
    name = "reconciler"

    def ready(self) -> None:
        # They import models, which are loaded only now.
        import_module("reconciler.registrations")
