from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.models import User
from orbit.accounts.second_factor import services as second_factor


class Command(BaseCommand):
    help = "Take the second factor away from somebody who lost it and has no recovery code left."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email", help="address of the person")

    def handle(self, *args, **options) -> None:
        user = User.objects.find(options["email"])
        with transaction.atomic():
            by = command("remove_second_factor")
            if user is None or not second_factor.remove(by=by, user=user):
                raise CommandError(f"{options['email']} has no second factor.")
        self.stdout.write(f"{user.email} signs in without a second factor.")
