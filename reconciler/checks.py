"""System checks of gateway rows (`manage.py check --deploy --database default`)."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connection

from orbit.db.pooler import shares_sessions
from reconciler.models import Gateway


@register(Tags.database, deploy=True)
def gateways_are_in_trusted_networks(app_configs, databases, **kwargs) -> list[Error]:
    """The console is clear text, and one password opens every tenant: loopback or a tunnel only."""
    if not databases:
        return []
    try:
        gateways = list(Gateway.objects.filter(enabled=True))
    except DatabaseError:
        return []  # not migrated yet
    trusted = [ip_network(each) for each in settings.GATEWAY_TRUSTED_NETWORKS]
    found = []
    for gateway in gateways:
        hosts = {gateway.jcli_host, urlsplit(gateway.http_url).hostname or ""}
        for host in sorted(hosts):
            if not _is_trusted(host, trusted):
                found.append(
                    Error(
                        f"gateway {gateway.name}: {host} is not in GATEWAY_TRUSTED_NETWORKS",
                        hint="Reach it through a tunnel on loopback, or add its private network.",
                        id="reconciler.E001",
                    )
                )
    return found


def _is_trusted(host: str, trusted: list) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False  # a name may point anywhere tomorrow
    return any(address in network for network in trusted)


@register(Tags.database, deploy=True)
def locks_have_sessions(app_configs, databases, **kwargs) -> list[Error]:
    """One pass a gateway at a time is kept by a lock of the session."""
    if not databases or connection.vendor != "postgresql":
        return []
    try:
        shared = shares_sessions(connection.copy)
    except DatabaseError:
        return []  # it is away: /readyz says so
    if not shared:
        return []
    return [
        Error(
            "DATABASE_URL leads to a transaction pooler: locks between processes do not hold there",
            hint="Connect to PostgreSQL itself, or to a pooler in session mode.",
            id="reconciler.E003",
        )
    ]
