from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.audit import services as audit
from orbit.accounts.models import User
from orbit.accounts.users import password_links

MADE = "user.password_link_made"


class Command(BaseCommand):
    help = "Print a link with which a person sets a password: good once, for three days."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email", help="address of the person")

    def handle(self, *args, **options) -> None:
        user = User.objects.find(options["email"])
        if user is None or not user.is_active:
            raise CommandError(f"There is no active person with the address {options['email']}.")
        with transaction.atomic():
            by = command("password_link")
            audit.record(by=by, organization=None, action=MADE, target=user.email)
        link = password_links.make(user)
        self.stdout.write(link)
        why = password_links.mail(user, link)
        self.stderr.write(f"Not mailed: {why}." if why else f"Mailed to {user.email}.")
