from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas


class Command(BaseCommand):
    help = "Show an organisation's quotas, or give it another one than the setting's."

    def add_arguments(self, parser) -> None:
        parser.add_argument("organization", help="its id, org_…")
        parser.add_argument("name", nargs="?", choices=sorted(quotas.QUOTAS), help="which one")
        parser.add_argument("limit", nargs="?", help="a number, or `default`")

    def handle(self, *args, **options) -> None:
        organization = Organization.objects.filter(pk=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organisation {options['organization']}.")
        name, limit = options["name"], options["limit"]
        if name and limit is None:
            raise CommandError("Say the limit: a number, or `default`.")
        if name:
            with transaction.atomic():
                quotas.override(
                    by=command("quota"), organization=organization, name=name, limit=_number(limit)
                )
        for each in [name] if name else quotas.QUOTAS:
            self.stdout.write(f"{each} {quotas.limit_of(organization, each)}")


def _number(text: str) -> int | None:
    if text == "default":
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise CommandError(f"{text!r} is no number of at most 15 digits, nor `default`.")
    return int(text)
