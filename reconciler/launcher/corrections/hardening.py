"""Nobody else gets in, and no secret gets out.

Jasmin's faults:
- routing/configs.py:24, managers/configs.py:26, protocols/smpp/configs.py:262: three ports that
  unpickle what they are sent listen on all addresses, with passwords that everybody knows.
- routing/router.py:734, protocols/smpp/protocol.py:543, protocols/cli/protocol.py and
  redis/client.py: at log level DEBUG passwords and messages are written into the logs.
- protocols/http/configs.py: the access log has whole addresses, password and text included; a
  request is not answered while it can't be written; and it is turned over after a megabyte, which
  renames /dev/null where one meant to have none, as root.

The cure: unless the environment says otherwise these ports listen on loopback, each with a random
password. There is no access log. DEBUG is INFO.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets

from twisted.web.server import Site

PORTS = ("ROUTER", "CLIENT_MANAGEMENT", "SMPP_SERVER_PB")


def correct() -> None:
    for port in PORTS:
        password = secrets.token_hex(16)
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()  # as it wants it
        os.environ.setdefault(f"{port}_BIND", "127.0.0.1")
        os.environ.setdefault(f"{port}_ADMIN_PASSWORD", digest)
    os.environ.setdefault("HTTP_API_ACCESS_LOG", os.devnull)
    Site.log = lambda self, request: None
    logging.disable(logging.DEBUG)
