from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from django.core.management.base import BaseCommand, CommandError

from orbit.accounts.audit.chain import Head, chains, verify

PROGRESS = 50_000  # rows
_ANCHOR = re.compile(r"(?:.*\s)?(\w+:\d+:[0-9a-f]{64})")  # syslog writes before it


def _head(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHAIN:SEQ:MAC") from None


def _anchors(path: str) -> list[Head]:
    try:
        with open(path, encoding="utf-8") as file:
            found = [_ANCHOR.fullmatch(line.strip()) for line in file]
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path}: {error.strerror}") from None
    return [Head.parse(each[1]) for each in found if each]


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

        parser.add_argument(
            "--anchors",
            metavar="FILE",
            type=_anchors,
            action="extend",
            default=[],
            help="lines of anchor_audit; other lines, such as the stream's rows, are skipped",
        )

    def handle(self, *args, **options) -> None:
        expected = options["expect"] + options["anchors"]
        wanted = sorted({*chains(), *(head.chain for head in expected)})
        if options["organization"]:
            wanted = [options["organization"]]
        faults = 0
        for chain in wanted:
            known = [head for head in expected if head.chain == chain]
            verification = verify(chain, known, self._said(chain, options["verbosity"]))
            if verification.fault:
                faults += 1
                self.stderr.write(verification.fault)
            else:
                self.stdout.write(str(verification.head))
        if faults:
            raise CommandError(f"{faults} of {len(wanted)} chains do not hold.")

    def _said(self, chain: str, verbosity: int) -> Callable[[int], None]:
        """A function that says how far a long chain is, on standard error."""

        def say(rows: int) -> None:
            if verbosity and rows % PROGRESS == 0:
                self.stderr.write(f"{chain}: {rows} rows hold", self.style.NOTICE)

        return say
