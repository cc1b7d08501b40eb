from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from orbit.operations import resealing
from orbit.operations.reencryption import Tally, columns, reencrypt
from orbit.operations.resealing import Wanted


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret, and every text and number of people that is sealed, with the "
        "first of FERNET_KEYS (digests: of NUMBER_DIGEST_KEYS). Put the new key first and keep the "
        "old ones behind it, restart all processes, run this, then take the old keys away. "
        "It may be stopped and started again at any time."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only say whether the first key reads everything"
        )

    def handle(self, *args, **options) -> None:
        if not options["check"]:
            for tally in self._pass(write=True):
                self.stdout.write(
                    f"{tally.column}: {tally.rewritten} written anew, {tally.fine} were already"
                )
            for sealed in self._seals(write=True):
                self.stdout.write(f"{sealed.table}: {sealed.rewritten} of {sealed.read} anew")
        self._prove()

    def _pass(self, *, write: bool) -> list[Tally]:
        return [reencrypt(model, column, write=write) for model, column in columns()]

    def _seals(self, *, write: bool) -> list[resealing.Tally]:
        return [
            resealing.rewrite(model, fields, Wanted.CURRENT, write=write)
            for model, fields in resealing.tables()
        ]

    def _prove(self) -> None:
        """Read all again: a process with the old settings may have written meanwhile."""
        bad = [tally for tally in self._pass(write=False) if not tally.clean]
        for tally in bad:
            keys = ", ".join(tally.unreadable[:10])
            self.stderr.write(f"{tally.column}: {len(tally.unreadable)} not readable: {keys}")
        for sealed in self._seals(write=False):
            if sealed.rewritten or sealed.unreadable:
                bad.append(sealed)
                self.stderr.write(
                    f"{sealed.table}: {sealed.rewritten} under other keys, "
                    f"{len(sealed.unreadable)} not readable: {', '.join(sealed.unreadable[:10])}"
                )
        if bad:
            raise CommandError("The first key alone does not read everything; keep the old keys.")
        self.stdout.write("The first key reads everything; the others can go.")
