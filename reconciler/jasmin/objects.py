"""What a credential and an access are in Jasmin: rows → objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.access.models import Access
from messaging.credentials.models import Credential
from messaging.smpp import custom_tlvs
from reconciler.jasmin import capabilities as abilities
from reconciler.jasmin import connector_settings
from reconciler.state import Connector, User


def account(credential: Credential) -> tuple[str, str, int, str, str]:
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
        settings=connector_settings.PINNED_USER,
        password=credential.gateway_password,
    )


def access_user(key: str, access: Access) -> User:
    return User(
        uid=key,
        gid=key,
        username=key,
        settings=connector_settings.access_user(
            max_bindings=access.max_bindings, throughput=access.throughput
        ),
        password=access.password,
    )


def connector(
    credential: Credential, address: str, running: bool, capabilities: Collection[str]
) -> Connector:
    return Connector(
        cid=credential.gateway_key,
        running=running,
        password=credential.password,
        tls_key=_tls_key(credential, capabilities),
        settings=connector_settings.connector_settings(
            credential,
            address=address,
            account=account(credential)[:-1],  # a transmitter's and its receiver's are equal
            tlvs=[(tlv.tag, tlv.value) for tlv in custom_tlvs.on_wire(credential.tlvs)],
            capabilities=capabilities,
        ),
    )


def _tls_key(credential: Credential, capabilities: Collection[str]) -> str:
    shown = credential.tls and abilities.TLS in capabilities
    return connector_settings.pem(credential.tls_key) if shown else ""


def lacking(
    credentials: Sequence[Credential], capabilities: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What this gateway can't do for them, by gateway key: (not at all, without something)."""
    unfit = {
        row.gateway_key: abilities.unfit(
            capabilities,
            password=row.password,
            shows_certificate=row.tls and row.tls_certificate is not None,
        )
        for row in credentials
    }
    left_out = {
        row.gateway_key: abilities.left_out(capabilities, has_tlvs=bool(row.tlvs))
        for row in credentials
    }
    return (
        {key: said for key, said in unfit.items() if said},
        {key: said for key, said in left_out.items() if said},
    )
