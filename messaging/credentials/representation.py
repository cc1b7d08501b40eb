"""How a credential is answered. Never its password, the one that is staged, or its TLS key."""

from __future__ import annotations

from messaging.credentials.dependents import carriers_of
from messaging.credentials.models import Credential
from messaging.credentials.serializers import CredentialSerializer
from orbit.api.etags import etag


def represent(credential: Credential) -> dict:
    """One credential as the API answers it."""
    return with_carriers([without_carriers(credential)])[0]


# The same with `carriers` still empty, for lists: `with_carriers` fills a page at once.
without_carriers = CredentialSerializer.represent


def with_carriers(answers: list[dict]) -> list[dict]:
    """Fill in `carriers` of all, with one query."""
    carriers = carriers_of([answer["id"] for answer in answers])
    for answer in answers:
        answer["carriers"] = list(carriers.get(answer["id"], []))
    return answers


def tag(credential: Credential) -> str:
    """ETag over what people wrote: observed state leaves it alone, a new password does not."""
    times = {name: getattr(credential, name) for name in ("password_set_at", "staged_at")}
    return etag({"id": credential.id, **CredentialSerializer.written(credential), **times})
