"""The credential that a request for a carrier or a number names."""

from __future__ import annotations

from messaging.credentials import selectors
from messaging.credentials.models import BindType, Credential
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_FIELD = "credential_id"
EXPECTED = "the id of one of your credentials that can send"
RECEIVING = "the id of one of your credentials that can receive"


def lock_sending_credential(*, organization: Organization, credential_id: str) -> Credential:
    """The organisation's live credential of this id, which can send; locked until the transaction
    ends. Raises VALIDATION_ERROR on `credential_id`.

    The lock keeps it from being deleted or made a receiver before the carrier that names it is
    committed (`dependents.in_use_by`).
    """
    credential = _lock(organization, credential_id, EXPECTED)
    if credential.bind_type == BindType.RECEIVER:
        raise refused_value(
            _FIELD,
            credential_id,
            "This credential is a receiver, which can't send. Use a transceiver or a transmitter.",
            expected=EXPECTED,
        )
    return credential


def lock_receiving_credential(*, organization: Organization, credential_id: str) -> Credential:
    """As `lock_sending_credential`, for a credential that can receive."""
    credential = _lock(organization, credential_id, RECEIVING)
    if credential.bind_type == BindType.TRANSMITTER:
        raise refused_value(
            _FIELD,
            credential_id,
            "This credential is a transmitter, which receives nothing. Use a transceiver or a "
            "receiver.",
            expected=RECEIVING,
        )
    return credential


def _lock(organization: Organization, credential_id: str, expected: str) -> Credential:
    try:
        return selectors.lock(organization=organization, credential_id=credential_id, secrets=False)
    except ApiError:
        raise refused_value(
            _FIELD,
            credential_id,
            "There is no such credential, or it is not yours.",
            expected=expected,
        ) from None
