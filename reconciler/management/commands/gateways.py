"""`manage.py gateways`: add, list and change gateways, and move organisations between them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orbit.accounts.actors import command
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.operations import health
from reconciler import placements
from reconciler.gateway_client import gateway_console
from reconciler.health import gateway_health
from reconciler.jasmin.capabilities import lacking
from reconciler.jcli.errors import JcliError
from reconciler.management import fleet_actions
from reconciler.models import Gateway, Placement

HELP = """\
Gateways that this control plane drives.

  manage.py gateways add main --jcli 127.0.0.1:8990 --username jcliadmin \\
      --http http://127.0.0.1:1401 --smpp sms.example.com:2775
                                          (the password is read from JCLI_PASSWORD, or asked
                                           from standard input; AMQP_URL names the RabbitMQ
                                           of a stock Jasmin;
                                           --smpp is where organisations bind to it)
  manage.py gateways list
  manage.py gateways move org_… --to second
  manage.py gateways region org_… eu      (place it only on gateways added with --region eu)
  manage.py gateways drain second         (no new messages, organisations to others) | undrain
  manage.py gateways upgrade --restart-command 'systemctl restart jasmin@{name}'
  manage.py gateways evacuate second      (it is lost) | activate second (it is back, and trusted)
  manage.py gateways balance --plan
"""

NO_SMPP = (
    "warning: no --smpp: the access bind has no address; organisations see host and port null "
    "in GET /v1/messaging/smpp/access. Add the gateway again with --smpp HOST:PORT."
)


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args, **kwargs):
        parser = super().create_parser(*args, **kwargs)
        parser.description = HELP
        return parser

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="add a gateway, or change the one of this name")
        add.add_argument("name", help="how you call it; the row of this name is changed")
        add.add_argument(
            "--jcli",
            required=True,
            metavar="HOST:PORT",
            help="its console (JCLI_BIND, JCLI_PORT): loopback, or a tunnel's end",
        )
        add.add_argument("--username", required=True, help="of its console (JCLI_ADMIN_USERNAME)")
        add.add_argument(
            "--http",
            required=True,
            metavar="URL",
            help="its HTTP API (HTTP_API_BIND, HTTP_API_PORT), which takes messages",
        )
        add.add_argument(
            "--smpp",
            metavar="HOST:PORT",
            help="its SMPP server as organisations reach it from outside; without it their access "
            "has no address",
        )
        add.add_argument("--region", metavar="LABEL", help="of organisations that are placed here")
        actions.add_parser("list", help="every gateway and its state, and what else is down")
        move = actions.add_parser("move", help="move an organisation: first on, then off")
        move.add_argument("organization")
        move.add_argument("--to", required=True, metavar="NAME")
        region = actions.add_parser(
            "region", help="of the gateways that an organisation is placed on"
        )
        region.add_argument("organization")
        region.add_argument("region", metavar="LABEL", help="'' for any")
        fleet_actions.add_arguments(actions)

    def handle(self, *, action, **options):
        if action in fleet_actions.ACTIONS:
            fleet_actions.ACTIONS[action](options, self._tell)
        else:
            getattr(self, f"_{action}")(options)

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # who waits reads how far it is

    def _add(self, options) -> None:
        host, port = _address("--jcli", options["jcli"])
        password = os.environ.get("JCLI_PASSWORD") or sys.stdin.readline().rstrip("\n")
        if not password:
            raise CommandError("the console's password is missing: set JCLI_PASSWORD")
        values = {
            "jcli_host": host,
            "jcli_port": port,
            "jcli_username": options["username"],
            "jcli_password": password,
            "http_url": options["http"].rstrip("/"),
        }
        if "AMQP_URL" in os.environ:
            values["amqp_url"] = os.environ["AMQP_URL"]
        if options["region"] is not None:
            values["region"] = options["region"]
        if options["smpp"]:
            values["smpp_host"], values["smpp_port"] = _address("--smpp", options["smpp"])
        with transaction.atomic():
            before = Gateway.objects.filter(name=options["name"]).first() or Gateway()
            changed = [name for name, value in values.items() if getattr(before, name) != value]
            gateway, created = Gateway.objects.update_or_create(
                name=options["name"], defaults=values
            )
            _record(f"gateway.{'created' if created else 'updated'}", gateway.name, changed)
        placements.place_all()
        self.stdout.write(f"{'added' if created else 'changed'} {gateway.name} ({gateway.pk})")
        if not gateway.smpp_host:
            self.stdout.write(NO_SMPP)
        try:
            with gateway_console.connect(gateway) as console:
                self.stdout.write(f"its console answers: Jasmin {console.greeting.jasmin}")
        except JcliError as error:
            self.stdout.write(f"warning: {error}")

    def _list(self, options) -> None:
        found = health.read()
        for name, each in found.items():
            if not each.is_well and not name.startswith("gateway."):
                self.stdout.write(f"! {name}: {each.detail}")
        if not found[health.DATABASE].ok:
            raise CommandError("the gateways can't be listed without the database")
        for gateway in Gateway.objects.all():
            seen = gateway_health(gateway)
            state = seen.detail if gateway.enabled else "disabled"
            self.stdout.write(
                f"{gateway.name}  {gateway.pk}  {gateway.jcli_host}:{gateway.jcli_port}  "
                f"{gateway.placements.count()} organisation(s)  "
                f"{f'region {gateway.region}  ' if gateway.region else ''}{state}"
            )
            if gateway.jasmin_version:
                launcher = f"launcher {gateway.launcher_version or 'none'}"
                self.stdout.write(f"    Jasmin {gateway.jasmin_version}, {launcher}")
                for text in lacking(gateway.capabilities):
                    self.stdout.write(f"    lacking: {text}")
            for fault in gateway.faults:
                self.stdout.write(f"  ! not as wanted: {fault['error']}")
            for conflict in gateway.conflicts:
                self.stdout.write(f"  ! {conflict}")

    def _region(self, options) -> None:
        organization = _organization(options["organization"])
        placements.place(organization.pk)
        with transaction.atomic():
            rows = Placement.objects.filter(organization=organization)
            rows.update(region=options["region"])
            detail = options["region"] or "any"
            _record(
                "organization.region", organization.pk, organization=organization, detail=detail
            )
        self.stdout.write(
            f"{organization} wants the region {detail}: gateways balance moves it there"
        )

    def _move(self, options) -> None:
        organization = _organization(options["organization"])
        gateway = fleet_actions.named(options["to"])
        try:
            with transaction.atomic():
                placements.move(organization, gateway)
                detail = f"to {gateway}"
                _record(
                    "organization.moved", organization.pk, organization=organization, detail=detail
                )
        except placements.Unfit as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{organization} moves to {gateway}: it leaves its old one once in sync")


def _organization(pk: str) -> Organization:
    organization = Organization.objects.filter(pk=pk).first()
    if organization is None:
        raise CommandError("there is no such organisation")
    return organization


def _record(
    action: str,
    target: str,
    changes: Sequence[str] = (),
    *,
    organization: Organization | None = None,
    detail: str = "",
) -> None:
    audit.record(
        by=command("gateways"),
        organization=organization,
        action=action,
        target=target,
        changes=list(changes),
        detail=detail,
    )


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"{option}: write HOST:PORT, for example 127.0.0.1:8990")
    return host.strip("[]"), int(port)
