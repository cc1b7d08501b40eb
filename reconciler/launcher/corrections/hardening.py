"""Closes ports that run code, and keeps secrets out of logs.

Jasmin's faults:
- routing/configs.py:24, managers/configs.py:26, protocols/smpp/configs.py:262: three ports that
  unpickle what they receive listen on all addresses, with passwords that are published.
- routing/router.py:734, protocols/smpp/protocol.py:543, protocols/cli/protocol.py and
  redis/client.py: at log level DEBUG passwords and messages are written into the logs.
- protocols/http/configs.py: the access log has whole URLs with password and text; a request is not
  answered while the log can't be written; after a megabyte the log is rotated, which renames
  /dev/null where that was set to have no log, if Jasmin runs as root.

The cure: unless the environment says otherwise these ports listen on loopback, each with a random
password. There is no access log, and nothing is logged at DEBUG.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets

from twisted.web.server import Site

PICKLE_PORTS = ("ROUTER", "CLIENT_MANAGEMENT", "SMPP_SERVER_PB")


def correct() -> None:
    for port in PICKLE_PORTS:
        password = secrets.token_hex(16)
        digest = hashlib.md5(
            password.encode(), usedforsecurity=False
        ).hexdigest()  # as Jasmin wants it
        os.environ.setdefault(f"{port}_BIND", "127.0.0.1")
        os.environ.setdefault(f"{port}_ADMIN_PASSWORD", digest)
    os.environ.setdefault("HTTP_API_ACCESS_LOG", os.devnull)
    Site.log = lambda self, request: None
    logging.disable(logging.DEBUG)
