from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.api_keys import services as api_keys


class Command(BaseCommand):
    help = (
        "Make an API key for the operators' routes (gateways, reconcile runs). "
        "It belongs to no organisation and is printed this once."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options) -> None:
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("The name has to be 1–100 characters long.")
        with transaction.atomic():
            new = api_keys.create_operator(by=command("create_operator_key"), name=name)
        if options["json"]:
            self.stdout.write(json.dumps({"api_key_id": new.key.pk, "api_key": new.secret}))
            return
        self.stdout.write(f"api_key_id {new.key.pk}\napi_key    {new.secret}")
        self.stdout.write("Keep the API key now; it is not shown again.")
