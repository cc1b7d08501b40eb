from __future__ import annotations

import argparse
from datetime import UTC, datetime

from django.core.management.base import BaseCommand

from orbit.accounts.audit.json_lines import line, rows


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date or time in ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Print audit rows as JSON lines, the oldest first, as the stream writes them."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--after", metavar="TIME", type=_time, help="from then on; ISO 8601")
        parser.add_argument("--before", metavar="TIME", type=_time, help="until then; ISO 8601")
        parser.add_argument("--organization", metavar="ID", default="", help="only its chain")

    def handle(self, *args, **options) -> None:
        chain = options["organization"]
        for event in rows(after=options["after"], before=options["before"], chain=chain):
            self.stdout.write(line(event))
