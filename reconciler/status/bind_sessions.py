"""Each bind of a credential, as its status shows it, and why some of them are down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Case, F, When

from messaging import bulk
from messaging.credentials import gateway_binds
from messaging.credentials.models import (
    BindState,
    BindType,
    Credential,
    CredentialStatus,
    sessions_of,
)
from messaging.smpp.protocol.command_status import by_name, describe
from messaging.smpp.trial_bind import REFUSED
from orbit.api.envelope import timestamp
from reconciler.desired import Desired
from reconciler.models import Gateway
from reconciler.state import Connector, Session, State

NO_SEAT = by_name("ESME_RALYBND").name  # all binds of the account are in use
_WRONG = frozenset(describe(value).name for value in REFUSED)
Shown = dict[str, Any]
# How many binds there are to be, of a status.
WANTED = F("credential__binds") * Case(
    When(credential__bind_type=BindType.TRANSMITTER_RECEIVER, then=2), default=1
)


def shown(
    connector: Connector, credential: Credential, backups: Mapping[str, str], gateway: Gateway
) -> list[Shown]:
    """Its binds as the API answers them. `backups`: `{host: address}`, as the gateway has them.

    A bind at an address that is none of these any more is shown with that.
    """
    names = _names(connector, credential, backups)
    return [
        {
            "bind_type": each.bind_type,
            "host": names.get((each.host, each.port), each.host),
            "port": each.port,
            "state": str(_state(each)),
            "since": timestamp(datetime.fromtimestamp(each.since, UTC)) if each.since else None,
            "error": _told(each, gateway) or None,
        }
        for each in connector.sessions
    ]


def _names(
    connector: Connector, credential: Credential, backups: Mapping[str, str]
) -> dict[tuple[str, int], str]:
    """The host of each address and port where it may be bound."""
    names = {(connector.settings.get("host", ""), credential.port): credential.host}
    for host, port in credential.hosts[1:]:
        names.setdefault((backups.get(host, ""), port), host)
    return names


def are_coming(connector: Connector, credential: Credential, backups: Mapping[str, str]) -> bool:
    """Whether some of its binds are being made, or made anew."""
    if not connector.sessions:
        return False
    names = _names(connector, credential, backups)
    are_current = all((each.host, each.port) in names for each in connector.sessions)
    is_whole = len(connector.sessions) == credential.sessions_wanted
    return not (connector.is_settled and is_whole and are_current)


def changed(
    gateway: Gateway, wanted: Desired, found: State, keys: Iterable[str]
) -> dict[str, list[Shown]]:
    """Find the credentials whose binds differ from their status; return their binds by credential
    id."""
    news = {}
    for key in keys:
        credential, connector = wanted.credentials[key], found.connectors.get(key)
        binds: list[Shown] = []
        if connector is not None and credential.enabled:
            backups = wanted.backup_addresses.get(key, {})
            binds = shown(connector, credential, backups, gateway)
        if binds != credential.observed.sessions:
            news[credential.pk] = binds
    return news


def trouble(connector: Connector, credential: Credential, gateway: Gateway) -> str:
    """Why fewer are up than are wanted, or the new settings are not in use; "" if all is well."""
    down = [each for each in connector.sessions if not each.is_bound]
    bound, of = connector.bound, credential.sessions_wanted
    errors = [each for each in down if _error(each)]
    if bound < of and any(each.bind_error == NO_SEAT for each in down):
        binds = max(1, bound // sessions_of(credential.bind_type))
        seats = f"the carrier takes {bound} of the {of} binds"
        return f"{seats}: set `binds` to {binds} or ask it for more"
    if bound < of and errors:
        verb = "is" if of - bound == 1 else "are"
        return f"{of - bound} of {of} binds {verb} down: {_told(errors[0], gateway)}"
    if bound >= of and (failed := [each for each in errors if each.bind_error != NO_SEAT]):
        why = _told(failed[0], gateway)
        return f"the binds with the settings before stay, since with the new ones: {why}"
    return ""


def count_refusals(
    connector: Connector, credential: Credential, backups: Mapping[str, str]
) -> None:
    """Count refusals in which a backup has said that password or account are wrong."""
    refused = {(each.host, each.port) for each in connector.sessions if each.bind_error in _WRONG}
    for host, port in credential.hosts[1:]:
        if (address := backups.get(host, "")) and (address, port) in refused:
            gateway_binds.refused_at_backup(credential, host=host, address=address)


def write(sessions: Mapping[str, list[Shown]]) -> None:
    """Write them to statuses that exist, by credential id."""
    rows = {pk: {"sessions": each} for pk, each in sessions.items()}
    bulk.update(CredentialStatus, rows, ("sessions",))


def _state(session: Session) -> BindState:
    if session.is_bound:
        return BindState.BOUND
    is_coming = session.state == "OPEN" or session.state.startswith("BIND_")
    return BindState.BINDING if is_coming else BindState.UNBOUND


def _told(session: Session, gateway: Gateway) -> str:
    """Return the error of a bind as organisations read it."""
    error = _error(session)
    return gateway.without_addresses(error) if error else ""


def _error(session: Session) -> str:
    """Of a bind that is down: the carrier's answer, or what became of the connection."""
    if session.is_bound:
        return ""
    if not session.bind_error:
        return session.link_error
    try:
        return f"{by_name(session.bind_error).meaning} ({session.bind_error})"
    except KeyError:
        return session.bind_error


def are_verified(sessions: Iterable[Session]) -> bool:
    """Whether all that are up have checked the carrier's certificate."""
    return all(each.tls_verified for each in sessions if each.is_bound)
