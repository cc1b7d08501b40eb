from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.api_keys.selectors import operator_keys
from orbit.accounts.models import ApiKey


class Command(BaseCommand):
    help = "List the operator keys that are not revoked, or revoke one."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--revoke", metavar="KEY_ID", help="revoke it, at once and for ever")

    def handle(self, *args, **options) -> None:
        if options["revoke"]:
            self._revoke(options["revoke"])
            return
        for key in operator_keys():
            limits = [f"from {', '.join(key.allowed_ips)}"] if key.allowed_ips else []
            limits += [f"expires {key.expires_at:%Y-%m-%d}"] if key.expires_at else []
            used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            said = ", ".join([f"made {key.created_at:%Y-%m-%d}", used, *limits])
            self.stdout.write(f"{key.pk} {key.prefix}… {key.name} ({said})")

    def _revoke(self, key_id: str) -> None:
        with transaction.atomic():
            keys = ApiKey.objects.select_for_update().filter(is_operator=True, revoked_at=None)
            key = keys.filter(pk=key_id).first()
            if key is None:
                raise CommandError(f"There is no operator key {key_id} that could be revoked.")
            api_keys.revoke(by=command("operator_keys"), key=key)
        self.stdout.write(f"{key.pk} {key.name} is revoked.")
