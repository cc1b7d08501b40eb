from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from orbit.accounts.actors import command
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.api_keys.serializers import LIFETIMES
from orbit.api.client_ip import parse_networks


class Command(BaseCommand):
    help = (
        "Make an API key for the operators' routes (gateways, reconcile runs). "
        "It belongs to no organisation and is printed this once."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--expires-in", choices=list(LIFETIMES), default="never", help="default: never"
        )
        parser.add_argument(
            "--allow",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="an address or CIDR that it may be used from; may be repeated (default: any)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options) -> None:
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("The name has to be 1–100 characters long.")
        try:
            parse_networks(tuple(options["allow"]))
        except ValueError as error:
            raise CommandError(f"--allow: {error}.") from None
        lifetime = LIFETIMES[options["expires_in"]]
        with transaction.atomic():
            new = api_keys.create_operator(
                by=command("create_operator_key"),
                name=name,
                expires_at=timezone.now() + lifetime if lifetime else None,
                allowed_ips=options["allow"],
            )
        if options["json"]:
            self.stdout.write(json.dumps({"api_key_id": new.key.pk, "api_key": new.secret}))
            return
        self.stdout.write(f"api_key_id {new.key.pk}\napi_key    {new.secret}")
        self.stdout.write("Keep the API key now; it is not shown again.")
