"""The console's greeting names the launcher and its capabilities.

Jasmin's fault (protocols/cli/jcli.py:20): a client can't see what the gateway is able to do.

The cure: a second line of the greeting, `Launched by orbit-launcher 2 with lane addresses …`. The
first line stays as it is, since clients read Jasmin's version there.
"""

from __future__ import annotations

from jasmin.protocols.cli.jcli import JCliProtocol

from reconciler.gateway_api import CAPABILITIES

VERSION = "2"


def correct() -> None:
    welcome, rest = JCliProtocol.motd.split("\n", 1)
    said = f"Launched by orbit-launcher {VERSION} with {' '.join(CAPABILITIES)}"
    JCliProtocol.motd = f"{welcome}\n{said}\n{rest}"
