"""The seven routes of credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.response import Response

from messaging import one_time_reveal
from messaging.credentials import documentation, permissions, reveal, rotation, services
from messaging.credentials.host_check import check_hosts, new_places
from messaging.credentials.models import Credential
from messaging.credentials.representation import represent, tag, with_carriers, without_carriers
from messaging.credentials.rotation_serializers import RotateSerializer
from messaging.credentials.selectors import find, lock, visible
from messaging.credentials.serializers import (
    CredentialPatchSerializer,
    CredentialQuery,
    CredentialSerializer,
)
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.views import ApiView


@dataclass(frozen=True)
class Patch:
    """A validated body of PATCH, and the new hosts of it that the host policy allows."""

    fields: dict[str, Any] = field(repr=False)  # `tls_key` may be among them
    current_password: str | None = field(default=None, repr=False)
    checked_hosts: frozenset[str] = frozenset()


class CredentialView(ApiView):
    """Base of the routes of one credential: lookup, and If-Match."""

    def find(self, credential_id: str, *, secrets: bool = False) -> Credential:
        organization = self.caller.organization
        return find(organization=organization, credential_id=credential_id, secrets=secrets)

    def lock(self, credential_id: str) -> Credential:
        return lock(organization=self.caller.organization, credential_id=credential_id)

    def check_if_match(self, credential: Credential) -> None:
        check_if_match(self.request, tag(credential))


class CredentialsView(ApiView):
    scopes = {"GET": "credentials:read", "POST": "credentials:write"}
    query = {"GET": CredentialQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        matching = _matching(visible(self.caller.organization), self.params)
        page = paginate(self, matching, without_carriers)
        with_carriers(page.data["data"])
        return page

    def prepare(self, request: Any) -> dict:
        fields = self.read(CredentialSerializer)
        check_hosts(new_places(fields), owner=self.caller.organization.pk)
        return fields

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        credential = services.create(
            by=caller.actor, organization=caller.organization, fields=self.prepared
        )
        location = f"{request.path.rstrip('/')}/{credential.id}"
        return self.created(represent(credential), location=location, etag=tag(credential))


class CredentialDetailView(CredentialView):
    scopes = {
        "GET": "credentials:read",
        "PATCH": "credentials:write",
        "DELETE": "credentials:write",
    }

    @documentation.get
    def get(self, request: Any, credential_id: str) -> Response:
        credential = self.find(credential_id)
        return self.ok(represent(credential), etag=tag(credential))

    def prepare(self, request: Any, credential_id: str) -> Patch | None:
        if request.method != "PATCH":
            return None
        credential = self.find(credential_id)
        self.check_if_match(credential)
        fields = self.read(CredentialPatchSerializer, partial=True)
        current_password = fields.pop("current_password", None)
        places = new_places(fields, credential)
        if places:
            check_hosts(places, owner=self.caller.organization.pk)
        checked_hosts = frozenset(host for host, _ in places.values())
        return Patch(fields, current_password, checked_hosts=checked_hosts)

    @documentation.update
    def patch(self, request: Any, credential_id: str) -> Response:
        credential = self.lock(credential_id)
        self.check_if_match(credential)
        patch: Patch = self.prepared
        proof = permissions.PasswordProof(
            may_reveal="credentials:reveal" in self.caller.scopes,
            current_password=patch.current_password,
        )
        services.update(
            by=self.caller.actor,
            credential=credential,
            fields=patch.fields,
            proof=proof,
            checked_hosts=patch.checked_hosts,
        )
        return self.ok(represent(credential), etag=tag(credential))

    @documentation.delete
    def delete(self, request: Any, credential_id: str) -> Response:
        credential = self.lock(credential_id)
        self.check_if_match(credential)
        services.delete(by=self.caller.actor, credential=credential)
        return self.no_content()


class RevealView(CredentialView):
    scopes = {"GET": "credentials:reveal"}
    audited_refusals = {"GET": reveal.ACTION}
    safe_methods_write = True

    @documentation.reveal
    def get(self, request: Any, credential_id: str) -> Response:
        credential = self.lock(credential_id)
        revealed = reveal.reveal(by=self.caller.actor, credential=credential)
        answer = one_time_reveal.represent(revealed) | {"staged": revealed.staged}
        return self.ok(answer, headers=one_time_reveal.NO_STORE)


class RotateView(CredentialView):
    scopes = {"POST": "credentials:write"}

    def prepare(self, request: Any, credential_id: str) -> rotation.PreparedRotation:
        credential = self.find(credential_id, secrets=True)
        self.check_if_match(credential)
        rotation_request = rotation.rotation_request(self.read(RotateSerializer))
        return rotation.prepare(
            by=self.caller.actor, credential=credential, request=rotation_request
        )

    @documentation.rotate
    def post(self, request: Any, credential_id: str) -> Response:
        credential = self.lock(credential_id)
        rotation.apply(by=self.caller.actor, credential=credential, prepared=self.prepared)
        answer = represent(credential)
        if self.prepared.verification is not None:
            answer["verification"] = self.prepared.verification.as_dict()
        return self.ok(answer, etag=tag(credential))


def _matching(credentials: QuerySet, params: dict[str, Any]) -> QuerySet:
    names = {
        "sync_state": "status__sync_state",
        "bind_state": "status__bind_state",
        "enabled": "enabled",
    }
    wanted = {column: params[name] for name, column in names.items() if name in params}
    credentials = credentials.filter(**wanted)
    text = params.get("q")
    if text:
        credentials = credentials.filter(
            Q(name__icontains=text) | Q(host__icontains=text) | Q(system_id__icontains=text)
        )
    return credentials
