"""Reading credentials: of one organisation, not deleted, with their status in the same query."""

from __future__ import annotations

import re

from messaging.credentials.models import Credential, CredentialQuerySet
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(r"cred_[0-9a-f]{32}")
# Not loaded unless needed: what is not in memory can't leak.
SECRETS = ("password", "staged_password", "gateway_password", "tls_key")


def visible(organization: Organization) -> CredentialQuerySet:
    """The organisation's live credentials, secrets deferred."""
    return (
        Credential.objects.live()
        .filter(organization=organization)
        .select_related("status")
        .defer(*SECRETS)
    )


def find(*, organization: Organization, credential_id: str, secrets: bool = False) -> Credential:
    """One credential; `secrets` loads them in the same query, so that they belong to its version.

    Raises NOT_FOUND for an unknown id and for another organisation's, without a difference.
    """
    credentials = visible(organization)
    return _one(credentials.defer(None) if secrets else credentials, organization, credential_id)


def lock(*, organization: Organization, credential_id: str, secrets: bool = True) -> Credential:
    """One credential, locked until the transaction ends; with its secrets unless told otherwise."""
    credentials = visible(organization).select_for_update(of=("self",))
    return _one(credentials.defer(None) if secrets else credentials, organization, credential_id)


def _one(
    credentials: CredentialQuerySet, organization: Organization, credential_id: str
) -> Credential:
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    known = _ID.fullmatch(credential_id)
    credential = credentials.filter(pk=credential_id).first() if known else None
    if credential is None:
        raise not_found()
    credential.organization = organization  # it is in memory already
    return credential
