"""The command `notices`: list, add, remove and test the recipients of notices."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from messaging.notices import deliveries, services
from messaging.notices.channels import MAX_URL, BadUrl, NotTold
from messaging.notices.models import NoticeRecipient
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import Organization

HELP = """\
Manage the recipients of notices about incidents: those of operators get all of them, those of an
organisation what touches it. The URL is Apprise's and a secret: it is read from standard input.

  echo mailtos://USER:PASSWORD@HOST?to=ops@example.com | manage.py notices add "Ops by mail"
"""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="list recipients, without their URLs")
        add = verbs.add_parser("add", help="add a recipient; its URL comes from standard input")
        add.add_argument("name", metavar="NAME")
        add.add_argument("--organization", metavar="ID", help="org_…; else operators")
        for verb, what in (("remove", "remove one"), ("test", "send a test to one, or to all")):
            each = verbs.add_parser(verb, help=what)
            each.add_argument("id", metavar="ID", nargs="?" if verb == "test" else None)

    def handle(self, *, verb, **options):
        getattr(self, f"_{verb}")(options)

    def _list(self, options):
        for each in NoticeRecipient.objects.select_related("organization").defer("url"):
            whose = each.organization.name if each.organization else "operators"
            self.stdout.write(f"{each.pk}  {each.scheme:9}  {whose}  {each.name}")

    def _add(self, options):
        organization = None
        if options["organization"]:
            organization = Organization.objects.filter(pk=options["organization"]).first()
            if organization is None:
                raise CommandError(f"there is no organisation {options['organization']!r}")
        url = sys.stdin.readline(MAX_URL + 2).strip()
        try:
            with transaction.atomic():
                row = services.add(
                    by=SYSTEM, organization=organization, name=options["name"], url=url
                )
        except BadUrl as error:
            raise CommandError(str(error)) from None
        self.stdout.write(row.pk)

    def _remove(self, options):
        with transaction.atomic():
            services.remove(by=SYSTEM, recipient=self._find(options["id"])[0])

    def _test(self, options):
        failed = False
        for each in self._find(options["id"]):
            try:
                deliveries.test(each)
            except NotTold as error:
                failed = True
                self.stdout.write(f"{each}: the test was not sent: {error}")
            else:
                self.stdout.write(f"{each}: the test was sent")
        if failed:
            raise SystemExit(1)

    def _find(self, pk: str | None) -> list[NoticeRecipient]:
        rows = NoticeRecipient.objects.all()
        found = list(rows.filter(pk=pk) if pk else rows)
        if not found:
            raise CommandError(f"there is no recipient {pk}" if pk else "there is no recipient")
        return found
