"""The credential that a request for a carrier names."""

from __future__ import annotations

from messaging.credentials import selectors
from messaging.credentials.models import BindType, Credential
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_FIELD = "credential_id"
EXPECTED = "the id of one of your credentials that can send"


def lock_sending_credential(*, organization: Organization, credential_id: str) -> Credential:
    """The organisation's live credential of this id, which can send; locked until the transaction
    ends. Raises VALIDATION_ERROR on `credential_id`.

    The lock keeps it from being deleted or made a receiver before the carrier that names it is
    committed (`dependents.in_use_by`).
    """
    try:
        credential = selectors.lock(
            organization=organization, credential_id=credential_id, secrets=False
        )
    except ApiError:
        raise _refused("There is no such credential, or it is not yours.", credential_id) from None
    if credential.bind_type == BindType.RECEIVER:
        raise _refused(
            "This credential is a receiver, which can't send. Use a transceiver or a transmitter.",
            credential_id,
        )
    return credential


def _refused(message: str, credential_id: str) -> ApiError:
    return refused_value(_FIELD, credential_id, message, expected=EXPECTED)
