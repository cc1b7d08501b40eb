"""Reaching one gateway: its console, and signs that the Jasmin behind it takes messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from reconciler import actual
from reconciler.gateway_client import rabbitmq
from reconciler.jasmin import connector_settings
from reconciler.jasmin.capabilities import LANE
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError
from reconciler.models import Gateway
from reconciler.state import State, User

CONSOLE_TIMEOUT = 10.0  # seconds without progress
HTTP_TIMEOUT = 3.0
_SAID = re.compile(r'Error "(.{1,200})"')  # by our launcher (launcher/readiness.py)
PASSWORDS_A_PASS = 50

_QUESTION = {"to": "0", "content": "-", "priority": "1"}  # a priority: see `words.UNASKED`

# No proxy of the environment stands between us and a gateway.
_open = build_opener(ProxyHandler({})).open


class GatewayDown(JcliError):
    """Jasmin takes no messages, or can't be reached. The next look may find it up again."""


def connect(gateway: Gateway) -> Console:
    """Open a console session; raises JcliError."""
    return Console(
        gateway.jcli_host,
        gateway.jcli_port,
        gateway.jcli_username,
        gateway.jcli_password,
        timeout=CONSOLE_TIMEOUT,
    )


def reach(gateway: Gateway) -> Console:
    """An open console of a Jasmin that takes messages, as far as can be seen without sending one.

    Raises GatewayDown, which names the part that fails, where it is, and what is seen.
    """
    check_alive(gateway)
    try:
        return connect(gateway)
    except JcliError as error:
        raise GatewayDown(str(error)) from error


def check_alive(gateway: Gateway) -> None:
    """Raise GatewayDown unless its HTTP API is there and it is ready: through our launcher it says
    so itself. Of a stock Jasmin its RabbitMQ is asked: one that answers and consumes nothing is a
    zombie, whose lists say BOUND, and nothing moves.
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


def is_ready(gateway: Gateway) -> bool:
    """Whether Jasmin says that it would take a message. False: it can't say (no launcher of ours),
    but its HTTP API answers. Raises GatewayDown when it does not, or with the reason that it gives.
    """
    where = f"HTTP API {urlsplit(gateway.http_url).netloc}"
    try:
        with _open(f"{gateway.http_url}/readyz", timeout=HTTP_TIMEOUT):
            return True
    except HTTPError as error:
        with error:
            said = _SAID.match(error.read(300).decode("utf-8", "replace"))
            if said and error.code == 503:
                raise GatewayDown(f"Jasmin says: {said[1]}") from error
            if error.code != 404:
                raise GatewayDown(f"{where}: HTTP {error.code} to /readyz") from error
    except (OSError, HTTPException) as error:
        raise GatewayDown(f"{where}: {_why(error)}") from error
    return False


def _why(error: OSError | HTTPException) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer"
    if isinstance(reason, OSError):
        return (reason.strerror or "it closed the connection").lower()
    return "this is not Jasmin's HTTP API"


def wait_if_restarted(gateway: Gateway, console: Console) -> None:
    """If this is another process of a stock Jasmin than the last pass saw, let it load its profile.
    Through our launcher it is loaded before the console opens."""
    is_stock = LANE not in console.greeting.capabilities
    if is_stock and actual.read_epoch(console) != gateway.epoch:
        actual.wait_for_boot(console)


def probe_passwords(gateway: Gateway, wanted: Mapping[str, User], found: State, turn: int) -> State:
    """Mark users whose password is not ours any more; the console never shows one.

    Asks Jasmin's HTTP API as that user: PASSWORDS_A_PASS of them, those of `turn`, so that each
    comes in its turn. An HTTP API that does not answer proves nothing, nor does a disabled user or
    group: Jasmin refuses them as it refuses a wrong password.
    """
    active = {gid for gid, group in found.groups.items() if group.enabled}
    uids = sorted(
        uid
        for uid, user in found.users.items()
        if uid in wanted and user.enabled and user.gid in active and _may_be_asked(user)
    )
    pages = max(1, -(-len(uids) // PASSWORDS_A_PASS))
    start = turn % pages * PASSWORDS_A_PASS
    users = dict(found.users)
    for uid in uids[start : start + PASSWORDS_A_PASS]:
        try:
            if not _password_fits(gateway.http_url, wanted[uid]):
                users[uid] = replace(users[uid], password_differs=True)
        except (OSError, HTTPException):
            break
    return replace(found, users=users)


def _may_be_asked(user: User) -> bool:
    """Only who lacks a right that the question asks for: nothing must ever be sent by it."""
    return "False" in (
        user.settings.get(connector_settings.UNASKED),
        user.settings.get(connector_settings.SENDS),
    )


def _password_fits(http_url: str, user: User) -> bool:
    """Ask for a priority, which the user may not choose: a wrong password is 403 before that.

    By POST, so that the password is in no access log.
    """
    question = {"username": user.username, "password": user.password, **_QUESTION}
    body = urlencode(question).encode()
    try:
        with _open(Request(f"{http_url}/send", data=body), timeout=HTTP_TIMEOUT):
            return True
    except HTTPError as error:
        error.close()
        return error.code != 403
