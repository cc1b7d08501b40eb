"""`manage.py receive`: the process that reads what the gateways' logs say of messages."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from celery.utils.nodenames import gethostname
from django.core.management.base import BaseCommand

from orbit.operations import garbage_collection, heartbeats
from reconciler.receiver.readers import Receiver

QUEUE = "gateway logs"  # what it serves, as /readyz has it: another receiver may stand in for it


class Command(BaseCommand):
    help = (
        "Read the logs of all gateways and write down what became of messages, until it is told to "
        "end (SIGTERM, Ctrl-C). More than one may run: one reads, the others take over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--name", default=f"receiver@{gethostname()}", help="as /readyz calls this process"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        receiver = Receiver()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: receiver.stop())
        heartbeats.start(options["name"], [QUEUE])
        garbage_collection.settle()
        self.stdout.write("receiver ready")
        self.stdout.flush()
        try:
            receiver.run()
        finally:
            heartbeats.end()
