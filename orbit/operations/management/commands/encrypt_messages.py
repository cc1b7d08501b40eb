from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from orbit.operations import resealing
from orbit.operations.resealing import Tally, Wanted

EVERY = 20  # chunks between two lines of progress


class Command(BaseCommand):
    help = (
        "Rewrite the texts and numbers of people that are in the database as ENCRYPT_MESSAGES "
        "says: sealed, or clear. Set it first, and restart all processes. Rows that are so already "
        "are passed over: it may be stopped and started again at any time, beside a running site."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is not so yet")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Wanted.SEALED if settings.ENCRYPT_MESSAGES else Wanted.CLEAR
        if wanted is Wanted.SEALED and not settings.NUMBER_DIGEST_KEYS:
            raise CommandError("NUMBER_DIGEST_KEYS is empty: no number could be found any more.")
        write = not options["check"]
        tallies = [
            resealing.rewrite(model, columns, wanted, write=write, progress=self._progress)
            for model, columns in resealing.tables()
        ]
        for tally in tallies:
            done = "rewritten" if write else "to be rewritten"
            self.stdout.write(f"{tally.table}: {tally.rewritten} of {tally.read} {done}")
        self._complain(tallies)
        left = sum(tally.rewritten for tally in tallies)
        if left and not write:
            raise CommandError(f"{left} rows are not {wanted.value} yet.")
        self.stdout.write(f"All of it is {wanted.value}.")

    def _progress(self, tally: Tally) -> None:
        if tally.read and tally.read % (EVERY * resealing.CHUNK) == 0:
            self.stdout.write(f"{tally.table}: {tally.read} read, {tally.rewritten} to rewrite …")
            self.stdout.flush()

    def _complain(self, tallies: list[Tally]) -> None:
        for tally in tallies:
            for what, keys in (
                ("no key in FERNET_KEYS opens", tally.unreadable),
                ("the number is there twice, in both forms", tally.doubled),
            ):
                if keys:
                    named = ", ".join(keys[:10])
                    self.stderr.write(f"{tally.table}: {what}: {len(keys)} rows: {named}")
        if not all(tally.clean for tally in tallies):
            raise CommandError("Some rows are left as they were.")
