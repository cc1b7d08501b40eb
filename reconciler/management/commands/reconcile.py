"""`manage.py reconcile`: one pass over one gateway or all."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reconciler import runs
from reconciler.loop import reconcile
from reconciler.models import Gateway
from reconciler.plan import render
from reconciler.result import Ending, Result

HELP = """\
Make Jasmin what the organisations want. Exit status:
  0  in sync, or everything was applied
  1  something failed, or a gateway can't be read
  2  refused: the plan looks like a mistake (--force applies it)
  3  --plan: changes are pending

A pass that is already running is waited for. A pass that finds nothing to do writes nothing.
"""
EXIT = {
    Ending.IN_SYNC: 0,
    Ending.APPLIED: 0,
    Ending.FAILED: 1,
    Ending.DOWN: 1,
    Ending.UNREAD: 1,
    Ending.BUSY: 1,
    Ending.UNSAFE: 2,
    Ending.PLANNED: 3,
}
# The worst first: of many gateways it counts.
SEVERITY = (1, 2, 3, 0)
WAIT = 120.0  # seconds for a pass that is running


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args, **kwargs):
        parser = super().create_parser(*args, **kwargs)
        parser.description = HELP
        return parser

    def add_arguments(self, parser):
        parser.add_argument("--plan", action="store_true", help="say what would change; no writes")
        parser.add_argument("--gateway", metavar="NAME", help="only this gateway (default: all)")
        parser.add_argument("--organization", metavar="ID", default="", help="only what is theirs")
        parser.add_argument("--watch", action="store_true", help="again and again, until Ctrl-C")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, a gateway")
        parser.add_argument("--force", action="store_true", help="apply also an unsafe plan")

    def handle(self, *, plan, gateway, organization, watch, json, force, **options):
        gateways = self._gateways(gateway)
        while True:
            codes = set()
            for each in gateways:
                result = self._pass(each, organization, plan=plan, force=force)
                codes.add(EXIT[result.ending])
                self._print(result, as_json=json)
            if not watch:
                break
            time.sleep(settings.RECONCILE_INTERVAL)
        code = next(code for code in SEVERITY if code in codes)
        if code:
            raise SystemExit(code)

    def _gateways(self, name: str | None) -> list[Gateway]:
        found = Gateway.objects.filter(enabled=True)
        if name:
            found = found.filter(name=name)
        if not found:
            raise CommandError(
                f"there is no enabled gateway {name!r}"
                if name
                else "there is no gateway yet: add one with `manage.py gateways add`"
            )
        return list(found)

    def _pass(self, gateway: Gateway, organization: str, *, plan: bool, force: bool) -> Result:
        scope = {"organization_id": organization, "trigger": "command", "wait": WAIT}
        if plan:
            return reconcile(gateway, plan_only=True, **scope)
        return runs.run(gateway, force=force, **scope)

    def _print(self, result: Result, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(result)))
            return
        for line in describe(result):
            self.stdout.write(line)


def describe(result: Result) -> list[str]:
    """Return the lines of a result for a terminal."""
    heads = {
        Ending.IN_SYNC: "in sync, nothing to do",
        Ending.PLANNED: f"{result.change_count} change(s) pending",
        Ending.APPLIED: f"{result.change_count} change(s) applied",
        Ending.UNSAFE: f"refused: {result.error}. --force applies it",
        Ending.FAILED: f"failed: {result.error}",
        Ending.DOWN: f"down: {result.error}",
        Ending.UNREAD: f"takes messages, and can't be read now: {result.error}",
        Ending.BUSY: result.error,
    }
    head = f"{result.gateway}: {heads[result.ending]}"
    if result.seconds:
        head += f" ({result.seconds:.2f} s, {result.gateway_seconds:.2f} s of it Jasmin)"
    return [head, *render(result.changes, result.warnings, result.more)]
