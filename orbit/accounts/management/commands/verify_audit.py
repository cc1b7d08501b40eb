from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError

from orbit.accounts.audit.chain import Head, chains, verify


def _head(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHAIN:SEQ:MAC") from None


class Command(BaseCommand):
    help = (
        "Prove the audit: no row changed, removed, moved or cut off. Prints the head of each chain "
        "(CHAIN:SEQ:MAC); keep it elsewhere and give it to --expect the next time. Exit status 1 "
        "names the first bad row of each chain."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--organization", metavar="ID", help="only this organisation's chain")
        parser.add_argument(
            "--expect",
            metavar="HEAD",
            type=_head,
            action="append",
            default=[],
            help="a head printed earlier, CHAIN:SEQ:MAC; may be given for each chain",
        )

    def handle(self, *args, **options) -> None:
        wanted = sorted({*chains(), *(head.chain for head in options["expect"])})
        if options["organization"]:
            wanted = [options["organization"]]
        faults = 0
        for chain in wanted:
            verification = verify(
                chain, [head for head in options["expect"] if head.chain == chain]
            )
            if verification.fault:
                faults += 1
                self.stderr.write(verification.fault)
            else:
                self.stdout.write(str(verification.head))
        if faults:
            raise CommandError(f"{faults} of {len(wanted)} chains do not hold.")
