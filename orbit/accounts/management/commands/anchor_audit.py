from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import timezone

from orbit.accounts.audit import sinks
from orbit.accounts.models import AuditHead


class Command(BaseCommand):
    help = (
        "Write down where each audit chain ends now (TIME CHAIN:SEQ:MAC), to where the database's "
        "owner can't change it: standard output, --to, and the stream's file and syslog. "
        "`verify_audit --anchors FILE` proves later that no chain was cut or written anew before "
        "these rows. Run it from cron."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--to", metavar="FILE", help="appended to, and created with mode 0600")

    def handle(self, *args, **options) -> None:
        now = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
        lines = [f"{now} {head}" for head in AuditHead.objects.filter(seq__gt=0).order_by("pk")]
        targets = sinks.configured()
        if options["to"]:
            targets.append(sinks.File(options["to"]))
        for sink in targets:
            sink.write(lines)
        for line in lines:
            self.stdout.write(line)
