from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class ConsoleAdminConfig(AdminConfig):
    """Django's admin, with the console's site in the place of its own."""

    default_site = "orbit.console.site.ConsoleSite"


class ConsoleConfig(AppConfig):
    name = "orbit.console"
    label = "console"

    def ready(self) -> None:
        # These import models, which are loaded only now.
        roles = import_module("orbit.console.roles")
        import_module("orbit.console.login")
        import_module("orbit.accounts.sessions.browser_sessions")
        import_module("orbit.console.single_sign_on.checks")
        import_module("orbit.console.waiting.retention")
        post_migrate.connect(roles.make_groups, dispatch_uid="console roles")
