from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from orbit.accounts.actors import command
from orbit.accounts.users import changes


class Command(createsuperuser.Command):
    """Django's, and an audit row."""

    def handle(self, *args: Any, **options: Any) -> None:
        with changes.audited_command(command("createsuperuser")):
            super().handle(*args, **options)
