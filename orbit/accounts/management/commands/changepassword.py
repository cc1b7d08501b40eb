from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import changepassword

from orbit.accounts.actors import command
from orbit.accounts.models import User
from orbit.accounts.users import changes


class Command(changepassword.Command):
    """Django's, and an audit row."""

    def handle(self, *args: Any, **options: Any) -> Any:
        user = User.objects.find(options["username"] or "")
        with changes.audited_command(command("changepassword"), user.pk if user else None):
            return super().handle(*args, **options)
