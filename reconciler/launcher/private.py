"""Nobody else gets in, and no secret gets out.

Jasmin's faults:
- routing/configs.py:24, managers/configs.py:26, protocols/smpp/configs.py:262: three ports that
  unpickle what they are sent listen on all addresses, with passwords that everybody knows.
- routing/router.py:734, protocols/smpp/protocol.py:543, protocols/cli/protocol.py and
  redis/client.py: at log level DEBUG passwords and messages are written into the logs.
- protocols/http/configs.py: the access log has whole addresses, password and text included.

The cure: unless the environment says otherwise these ports listen on loopback, each with a random
password, and there is no access log. DEBUG is INFO.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets

PORTS = ("ROUTER", "CLIENT_MANAGEMENT", "SMPP_SERVER_PB")


def correct() -> None:
    for port in PORTS:
        password = secrets.token_hex(16)
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()  # as it wants it
        os.environ.setdefault(f"{port}_BIND", "127.0.0.1")
        os.environ.setdefault(f"{port}_ADMIN_PASSWORD", digest)
    os.environ.setdefault("HTTP_API_ACCESS_LOG", os.devnull)
    logging.disable(logging.DEBUG)
