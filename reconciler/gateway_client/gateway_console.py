"""Opens a gateway's console, as its row says where it is."""

from __future__ import annotations

from reconciler import actual
from reconciler.gateway_client import readiness
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.jasmin.capabilities import LANE
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError, Slow
from reconciler.models import Gateway

CONSOLE_TIMEOUT = 10.0  # seconds without progress


def connect(gateway: Gateway) -> Console:
    """Open a console session; raises JcliError."""
    return Console(
        gateway.jcli_host,
        gateway.jcli_port,
        gateway.jcli_username,
        gateway.jcli_password,
        timeout=CONSOLE_TIMEOUT,
    )


def connect_if_ready(gateway: Gateway) -> Console:
    """Open the console of a Jasmin that takes messages, as far as that shows without sending one.

    Raises GatewayDown, which names the part that fails, its address, and what was seen; Slow where
    only the console does not answer in time.
    """
    readiness.check_alive(gateway)
    try:
        return connect(gateway)
    except Slow:
        raise
    except JcliError as error:
        raise GatewayDown(str(error)) from error


def wait_if_restarted(gateway: Gateway, console: Console) -> None:
    """Wait for a stock Jasmin that was restarted since the last pass to load its profile.

    A Jasmin behind our launcher has loaded it before its console opens.
    """
    is_stock = LANE not in console.greeting.capabilities
    if is_stock and actual.read_epoch(console) != gateway.epoch:
        actual.wait_for_boot(console)
