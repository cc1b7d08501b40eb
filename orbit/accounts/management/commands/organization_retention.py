from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.models import Organization
from orbit.accounts.organizations import retention

LONGEST = 3650  # days


class Command(BaseCommand):
    help = (
        "Say for how long an organisation's messages, texts of phones, test sends and webhook "
        "events are kept once they have ended. Is in its audit."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("organization", metavar="ID")
        parser.add_argument("days", help=f"1 to {LONGEST}, or `default`: as the site")

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        text = options["days"]
        days = int(text) if text.isascii() and text.isdigit() else 0
        if text != "default" and not 1 <= days <= LONGEST:
            raise CommandError(f"days: write 1 to {LONGEST}, or default")
        organization = Organization.objects.filter(pk=options["organization"]).first()
        if organization is None:
            raise CommandError("there is no such organisation")
        retention.change(
            by=command("organization_retention"), organization=organization, days=days or None
        )
        self.stdout.write(f"{organization}: {f'{days} days' if days else 'as the site'}")
