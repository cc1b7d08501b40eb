from __future__ import annotations

import json
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.models import User
from orbit.accounts.organizations import services as organizations
from orbit.accounts.users import password_links


class Command(BaseCommand):
    help = (
        "Make an organisation, its owner and an API key with every scope. "
        "The key, and a new owner's link to set a password, are printed this once."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="name of the organisation")
        parser.add_argument("--email", required=True, help="address of its owner")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the new owner's password from the first line of standard input",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options) -> None:
        name, email = options["name"].strip(), options["email"]
        if not 1 <= len(name) <= 100:
            raise CommandError("The name has to be 1–100 characters long.")
        try:
            validate_email(email)
            password = self._password(email) if options["password_stdin"] else None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with transaction.atomic():
            made = organizations.create(
                by=command("create_organization"), name=name, email=email, password=password
            )
        user = made.owner.user
        link = "" if user.has_usable_password() else password_links.make(user)
        self._print(made, link, as_json=options["json"])
        if link:
            why = password_links.mail(user, link)
            self.stderr.write(f"The link is not mailed: {why}." if why else "The link is mailed.")

    def _password(self, email: str) -> str:
        if User.objects.find(email):
            raise CommandError(f"{email} has a password already; leave out --password-stdin.")
        password = sys.stdin.readline().rstrip("\r\n")
        validate_password(password)
        return password

    def _print(self, made: organizations.NewOrganization, link: str, *, as_json: bool) -> None:
        facts = {
            "organization_id": made.organization.pk,
            "name": made.organization.name,
            "email": made.owner.user.email,
            "api_key_id": made.key.key.pk,
            "api_key": made.key.secret,
        }
        if link:
            facts["password_link"] = link
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        for label, value in facts.items():
            self.stdout.write(f"{label:<16} {value}")
        self.stdout.write("Keep the API key now; it is not shown again.")
        if link:
            self.stdout.write(
                "The owner sets a password at the link, once, within three days "
                "(manage.py password_link makes another)."
            )
