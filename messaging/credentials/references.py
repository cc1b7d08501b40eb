"""The credential behind a carrier: which one may be."""

from __future__ import annotations

from messaging.credentials import selectors
from messaging.credentials.models import BindType, Credential
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_FIELD = "credential_id"
EXPECTED = "the id of one of your credentials that can send"


def backing(*, organization: Organization, credential_id: str) -> Credential:
    """The organisation's own live credential, if it can send; VALIDATION_ERROR on the field else.

    It is locked until the transaction ends, so that it is neither deleted nor made a receiver
    before those who ask who uses it can see the carrier.
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
