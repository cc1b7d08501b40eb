"""Whether the Jasmin of a gateway takes messages, seen without sending one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from reconciler.gateway_api import READY
from reconciler.gateway_client import jasmin_http, rabbitmq
from reconciler.jcli.errors import JcliError
from reconciler.models import Gateway

_REASON = re.compile(r'Error "(.{1,200})"')  # by our launcher (launcher/components/readiness.py)


class GatewayDown(JcliError):
    """Jasmin takes no messages, or can't be reached. The next probe may find it up again."""


def check_alive(gateway: Gateway) -> None:
    """Raise GatewayDown unless the HTTP API answers and Jasmin is ready.

    Behind our launcher Jasmin says so itself. Of a stock Jasmin the RabbitMQ is asked: a Jasmin
    that answers and consumes nothing is a zombie. Its lists say BOUND, and no message moves.
    """
    if is_ready(gateway) or not gateway.amqp_url:
        return
    try:
        consumers = rabbitmq.ask_consumers(gateway.amqp_url)
    except rabbitmq.BrokerAway as error:
        raise GatewayDown(str(error)) from error
    if consumers == 0:
        raise GatewayDown(
            "Jasmin no longer consumes its queues (RabbitMQ was restarted?): restart jasmind"
        )


def fault(gateway: Gateway) -> GatewayDown | None:
    """Return why the gateway takes no messages now; None: it does, as far as that shows."""
    try:
        check_alive(gateway)
    except GatewayDown as down:
        return down
    return None


def is_ready(gateway: Gateway) -> bool:
    """Return whether Jasmin says that it would take a message; False: it can't say (no launcher of
    ours), but its HTTP API answers.

    Raises GatewayDown when the API does not answer, or with the reason that Jasmin gives.
    """
    where = f"HTTP API {urlsplit(gateway.http_url).netloc}"
    try:
        status, text = jasmin_http.get(f"{gateway.http_url}{READY}")
    except HTTPError as error:
        raise GatewayDown(f"{where}: {jasmin_http.describe(error)}") from error
    reason = _REASON.match(text)
    if reason and status == 503:
        raise GatewayDown(f"Jasmin says: {reason[1]}")
    if status != 404 and not 200 <= status < 300:
        raise GatewayDown(f"{where}: HTTP {status} to {READY}")
    return status != 404
