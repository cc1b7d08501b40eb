"""The command `senders`: preview the senders that a pool would choose."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from messaging.numbers import e164
from messaging.pools.models import SenderPool
from messaging.routing.previews import preview
from messaging.routing.representation import previewed

HELP = """\
Say which sender a pool would choose for a destination, and why not the others. Nothing is changed
and no turn is taken. Exit status:
  0  there is a sender
  1  nobody may send there, or there is no such pool
"""
MAX_COUNT = 100


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        look = verbs.add_parser("preview", help="the next senders for a destination")
        look.add_argument("pool", metavar="POOL", help="pool_…, of any organisation")
        look.add_argument("destination", metavar="DESTINATION", help="E.164, +14155552671")
        look.add_argument("--count", type=int, default=1, metavar="N", help="for N messages")
        look.add_argument("--json", action="store_true", help="what the API answers")

    def handle(self, *, pool, destination, count, **options):
        try:
            destination = e164(destination)
        except ValueError as error:
            raise CommandError(f"{destination}: {error}") from None
        if not 1 <= count <= MAX_COUNT:
            raise CommandError(f"--count is 1 to {MAX_COUNT}")
        found = SenderPool.objects.filter(pk=pool).first()
        if found is None:
            raise CommandError(f"there is no pool {pool!r}")
        answer = previewed(preview(found, destination, count=count))
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        else:
            self.stdout.write("\n".join(describe(answer)))
        if answer["selected"] is None:
            raise SystemExit(1)


def describe(answer: dict[str, Any]) -> list[str]:
    """Lines of the preview for a terminal."""
    selected, carrier = answer["selected"], answer["carrier"]
    head = f"{answer['destination']} ({answer['country'] or 'no country'}): "
    head += f"{selected['sender']}, by {answer['step']}" if selected else "no sender"
    lines = [head]
    if carrier:
        bound = "bound" if carrier["bound"] else "not bound"
        lines.append(f"  carrier  {carrier['name']} ({carrier['id']}), {bound}")
    for each in answer["candidates"]:
        sign = "+" if each["eligible"] else "-"
        lines.append(f"  {sign} {each['sender']:<16} {each['reason']}")
    if len(answer["next"]) > 1:
        lines.append(f"  next     {', '.join(answer['next'])}")
    if answer["note"]:
        lines.append(f"  {answer['note']}")
    return lines
