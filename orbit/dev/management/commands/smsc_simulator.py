"""A carrier on your own machine: an SMPP 3.4 SMSC that also fails on command."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from orbit.dev.simulator.app import Options, StartError, run
from orbit.dev.simulator.config import (
    SANDBOX_ID,
    SANDBOX_PASSWORD,
    ConfigError,
    SystemSpec,
    parse_file,
    parse_system,
    unique,
)
from orbit.dev.simulator.fault_kinds import KINDS

DEFAULT_PORT = 2775

HELP = f"""\
A carrier on your own machine: an SMPP 3.4 SMSC that takes binds (transmitter, receiver,
transceiver) and messages, sends delivery receipts, and fails on command.

Without options it listens on 127.0.0.1:{DEFAULT_PORT} for system_id "{SANDBOX_ID}", password
"{SANDBOX_PASSWORD}", and prints every PDU as a line of JSON (passwords blanked)."""

EXAMPLES = """\
examples:
  A carrier to try things with:
    python manage.py smsc_simulator

  Two accounts on a free port, the second answers each third message with ESME_RTHROTTLED:
    python manage.py smsc_simulator --port 0 \\
        --system acme:secret --system busy:secret,throttled:every=3

  A carrier that answers half a second late and reports that nothing could be delivered:
    python manage.py smsc_simulator --system slow:secret,slow:0.5,receipt:UNDELIV

  TLS beside plain, with a certificate made on the spot:
    python manage.py smsc_simulator --port 2775 --tls-port 3550

  Change it while it runs: a new password, a fault, the carrier dies, returns, what came in:
    python manage.py smsc_simulator --control 8775 --system acme:secret
    curl -d '{"password": "newpass1"}' http://127.0.0.1:8775/systems/acme
    curl -d '{"faults": ["refuse:ESME_RINVDSTADR:first=2"]}' http://127.0.0.1:8775/systems/acme
    curl -d '{"up": false}' http://127.0.0.1:8775/ports/2775
    curl -d '{"up": true}' http://127.0.0.1:8775/ports/2775
    curl 'http://127.0.0.1:8775/systems/acme/submits?last=5'
    curl http://127.0.0.1:8775/

  Accounts from a file (passwords stay out of the process list); - reads standard input:
    echo '{"systems": [{"system_id": "acme", "password": "secret", "faults": ["hex-ids"]}]}' \\
        > systems.json
    python manage.py smsc_simulator --systems systems.json

faults: name[:value][:on=WHERE][:first=N|:every=N], separated by commas
"""


def _fault_lines() -> str:
    lines = []
    for name, kind in KINDS.items():
        value = f":{kind.value.rstrip('?').upper()}" if kind.value else ""
        written = name + (f"[{value}]" if kind.value.endswith("?") else value)
        where = f" (on={'|'.join(kind.on)})" if len(kind.on) > 1 else ""
        lines.append(f"  {written:26} {kind.text}{where}")
    lines += [
        "",
        "  first=N strikes the first N requests, every=N each Nth, counted from when it was set.",
        "  Where a fault has on=, the first place named is the default.",
    ]
    return "\n".join(lines)


class _Formatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    pass


class Command(BaseCommand):
    help = HELP
    requires_system_checks: list[str] = []  # it touches neither database nor settings

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs["formatter_class"] = _Formatter
        kwargs["epilog"] = EXAMPLES + _fault_lines()
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        add(
            "--port",
            type=_port,
            action="append",
            help=f"port, may be given again; 0 picks a free one (default {DEFAULT_PORT})",
        )
        add("--tls-port", type=_port, action="append", help="port for SMPP over TLS")
        add("--certificate", help="PEM file for TLS (default: one is made, self-signed)")
        add("--key", help="PEM file with its key (default: the same file)")
        add(
            "--system",
            action="append",
            default=[],
            metavar="ID:PASSWORD[,FAULT…]",
            help="an account, may be given again",
        )
        add("--systems", metavar="FILE", help="accounts from a JSON file, - for standard input")
        add(
            "--log",
            default="-",
            metavar="FILE",
            help="JSON lines (default -: standard output; none: no log, which is several times "
            "as fast)",
        )
        add("--control", type=_port, metavar="PORT", help="HTTP port for changes at run time")
        add(
            "--enquire-link",
            type=_seconds,
            default=0,
            metavar="SECONDS",
            help="ask bound peers so often whether they live, close if not (default: never)",
        )
        add(
            "--with-parent",
            type=int,
            nargs="?",
            const=os.getppid(),
            metavar="PID",
            help="end when the parent process ends; with its PID, also if it has ended already",
        )

    def handle(self, **options: Any) -> None:
        try:
            asyncio.run(run(_options(options)))
        except (ConfigError, StartError) as error:
            raise CommandError(str(error)) from None


def _options(options: dict[str, Any]) -> Options:
    ports, tls_ports = options["port"], options["tls_port"]
    if ports is None:
        ports = [] if tls_ports else [DEFAULT_PORT]
    return Options(
        host=options["host"],
        ports=tuple(ports),
        tls_ports=tuple(tls_ports or ()),
        systems=tuple(_systems(options["system"], options["systems"])),
        certificate=options["certificate"],
        key=options["key"],
        log=options["log"],
        control=options["control"],
        enquire_link=options["enquire_link"],
        parent=options["with_parent"],
    )


def _systems(texts: list[str], file: str | None) -> list[SystemSpec]:
    specs = [parse_system(text) for text in texts]
    if file:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read {file}: {error}") from None
        specs += parse_file(text)
    return unique(specs) if specs else [SystemSpec(SANDBOX_ID, SANDBOX_PASSWORD)]


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 86400:
        raise argparse.ArgumentTypeError("seconds, more than 0")
    return seconds
