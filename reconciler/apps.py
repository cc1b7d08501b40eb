from __future__ import annotations

from django.apps import AppConfig


class ReconcilerConfig(AppConfig):
    name = "reconciler"

    def ready(self) -> None:
        # Models are loaded now, and these import them.
        from messaging import gateway  # noqa: PLC0415
        from reconciler import checks, health  # noqa: F401, PLC0415
        from reconciler.push import Push  # noqa: PLC0415

        gateway.implement(Push())
