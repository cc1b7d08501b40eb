"""Debian's Kannel for comparison: bearerbox with one transceiver, smsbox, receipts to a sink.

Nothing is throttled and the logs hold errors alone. Where it spools, each message is a file until
the carrier has answered; nothing is on disk otherwise, and reports are in memory either way.
"""

from __future__ import annotations

import http.client
import os
from pathlib import Path
from urllib.parse import urlencode

from orbit.dev.stack import Stack
from orbit.dev.stack.processes import Process, poll
from tests.benchmarks.carrier import PASSWORD, Carrier

BEARERBOX, SMSBOX = Path("/usr/sbin/bearerbox"), Path("/usr/sbin/smsbox")
ADMIN, USER = "bench", "bench"
FINAL_RECEIPTS = 3  # dlr-mask: delivered, not delivered
ERRORS = 3  # log-level

SPOOL = """\
store-type = spool
store-location = "{folder}/spool"
"""
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
log-level = {errors}
log-file = "{folder}/bearerbox.log"
dlr-storage = internal
sms-incoming-queue-limit = 1000000
sms-outgoing-queue-limit = 1000000
{spool}

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {smpp}
transceiver-mode = true
smsc-username = {account}
smsc-password = {password_there}
system-type = ""
interface-version = 34
max-pending-submits = {window}
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-level = {errors}
log-file = "{folder}/smsbox.log"
max-pending-requests = 1024

group = sendsms-user
username = {user}
password = {password}
concatenation = true
max-messages = 10
"""


class Kannel:
    """`start` returns when it is bound. It ends with the stack."""

    def __init__(
        self, stack: Stack, carrier: Carrier, folder: Path, *, spools: bool = False
    ) -> None:
        self._spools = spools
        self._stack, self._carrier, self._folder = stack, carrier, folder
        self._admin, self._smsbox, self.http = (stack.reserve_port() for _ in range(3))
        self._processes: list[Process] = []

    @property
    def pids(self) -> dict[str, list[int]]:
        bearerbox, smsbox = self._processes
        return {"bearerbox": [bearerbox.pid], "smsbox": [smsbox.pid]}

    def start(self, account: str, window: int) -> None:
        file = self._folder / "kannel.conf"
        (self._folder / "spool").mkdir(exist_ok=True)
        file.write_text(
            CONFIGURATION.format(
                admin=self._admin,
                smsbox=self._smsbox,
                http=self.http,
                smpp=self._carrier.port,
                account=account,
                password_there=PASSWORD,
                password=PASSWORD,
                user=USER,
                window=window,
                folder=self._folder,
                errors=ERRORS,
                spool=SPOOL.format(folder=self._folder) if self._spools else "",
            )
        )
        bearerbox = self._spawn("bearerbox", BEARERBOX, file)
        assert poll(lambda: self._status() is not None, timeout=20), "bearerbox does not answer"
        self._processes = [bearerbox, self._spawn("smsbox", SMSBOX, file)]
        assert poll(self._is_ready, timeout=30, interval=0.1), self._status()

    def stop(self) -> None:
        """Kill it: what it still holds is not needed."""
        while self._processes:
            self._processes.pop().kill()

    def order(self, sender: str, to: str, text: str, report_url: str) -> str:
        """The query of one message."""
        fields = {
            "username": USER,
            "password": PASSWORD,
            "from": sender,
            "to": to,
            "text": text,
            "dlr-mask": FINAL_RECEIPTS,
            "dlr-url": report_url,
        }
        return urlencode(fields)

    def _spawn(self, name: str, program: Path, file: Path) -> Process:
        # stderr has a level of its own.
        argv = [program, "-v", str(ERRORS), file]
        return self._stack.spawn(f"kannel-{name}", argv, env=dict(os.environ))

    def _is_ready(self) -> bool:
        status = self._status() or ""
        return "online" in status and "smsbox" in status and self._takes_requests()

    def _takes_requests(self) -> bool:
        try:
            _get(self.http, "/cgi-bin/sendsms")
        except OSError:
            return False
        return True

    def _status(self) -> str | None:
        try:
            return _get(self._admin, f"/status.txt?password={PASSWORD}")
        except OSError:
            return None


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode("latin-1")
    finally:
        connection.close()
