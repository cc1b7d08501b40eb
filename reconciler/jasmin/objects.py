"""Credentials and accesses as objects of Jasmin: rows → users and connectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from messaging.access.models import Access
from messaging.credentials.models import BindType, Credential
from messaging.smpp import custom_tlvs
from reconciler.jasmin import connector_settings, user_settings
from reconciler.jasmin.capabilities import TLS, left_out, left_out_of_access, unfit
from reconciler.state import Connector, User


def account(credential: Credential) -> tuple[str, str, int, str, str]:
    """Return the account at the carrier, and the bind type."""
    return (
        credential.organization_id,
        credential.host,
        credential.port,
        credential.system_id,
        credential.bind_type,
    )


def user(credential: Credential) -> User:
    return User(
        uid=credential.gateway_key,
        gid=credential.organization.gateway_key,
        username=credential.gateway_key,
        enabled=credential.enabled,
        settings=user_settings.PINNED_USER,
        password=credential.gateway_password,
    )


def access_user(key: str, access: Access, capabilities: Collection[str]) -> User:
    return User(
        uid=key,
        gid=key,
        username=key,
        settings=user_settings.access_user(
            max_bindings=access.max_bindings,
            throughput=access.throughput,
            allowed_ips=access.allowed_ips,
            capabilities=capabilities,
        ),
        password=access.password,
    )


def connector(
    credential: Credential,
    address: str,
    running: bool,
    capabilities: Collection[str],
    backup_addresses: Mapping[str, str],
) -> Connector:
    """`backup_addresses`: of those of its backups that have one, by host."""
    return Connector(
        cid=credential.gateway_key,
        running=running,
        password=credential.password,
        tls_key=_tls_key(credential, capabilities),
        settings=connector_settings.connector_settings(
            credential,
            address=address,
            account=account(credential)[:-1],  # a transmitter's and its receiver's are equal
            backups=[
                (backup_addresses[host], port, host)
                for host, port in credential.hosts[1:]
                if host in backup_addresses
            ],
            tlvs=[(tlv.tag, tlv.value) for tlv in custom_tlvs.on_wire(credential.tlvs)],
            capabilities=capabilities,
        ),
    )


def _tls_key(credential: Credential, capabilities: Collection[str]) -> str:
    shown = credential.tls and TLS in capabilities
    return connector_settings.pem(credential.tls_key) if shown else ""


def unsupported(
    credentials: Sequence[Credential], capabilities: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what this gateway can't do for them, in words, by gateway key.

    The first: why it can't bind the credential at all; the second: what it leaves out.
    """
    reasons = {
        row.gateway_key: unfit(
            capabilities,
            password=row.password,
            shows_certificate=row.tls and row.tls_certificate is not None,
        )
        for row in credentials
    }
    omissions = {
        row.gateway_key: left_out(
            capabilities,
            has_tlvs=bool(row.tlvs),
            binds=row.binds,
            is_pair=row.bind_type == BindType.TRANSMITTER_RECEIVER,
            has_backups=bool(row.backups),
        )
        for row in credentials
    }
    return (
        {key: reason for key, reason in reasons.items() if reason},
        {key: reason for key, reason in omissions.items() if reason},
    )


def unsupported_access(accesses: Sequence[Access], capabilities: Collection[str]) -> dict[str, str]:
    """Return what this gateway leaves out of the accesses that are on, in words, by gateway key."""
    omissions = {
        access.organization.gateway_key: left_out_of_access(
            capabilities, has_addresses=bool(access.allowed_ips)
        )
        for access in accesses
        if access.enabled
    }
    return {key: reason for key, reason in omissions.items() if reason}
