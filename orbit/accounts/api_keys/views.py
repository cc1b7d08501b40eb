"""/v1/settings/api-keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.api_keys.limits import LimitsExceeded
from orbit.accounts.api_keys.serializers import (
    LIFETIMES,
    KeySerializer,
    NewKeySerializer,
    RevokeQuery,
    WholeKeySerializer,
)
from orbit.accounts.authentication import CHALLENGE
from orbit.accounts.models import ApiKey, User
from orbit.api.errors import ApiError
from orbit.api.etags import check_if_match, etag
from orbit.api.pagination import paginate
from orbit.api.query_params import ListQuery
from orbit.api.schema import documented
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView

_PATH = "/v1/settings/api-keys"
_NAMED = 100  # keys in a header, which has to stay short; GET names all
_NO_STORE = {"Cache-Control": "no-store"}
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_EXAMPLE = KeySerializer.represent(
    ApiKey(
        id="key_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        name="Deployments",
        prefix="dv_live_sk_1f3a9",
        scopes=["credentials:read", "credentials:write"],
        allowed_ips=["198.51.100.0/24"],
        expires_at=_MOMENT + LIFETIMES["90d"],
        made_by=User(email="ada@example.com"),
        created_at=_MOMENT,
    )
)


class KeyView(ApiView):
    """The base of the routes: the keys that the caller reaches."""

    def keys(self) -> QuerySet[ApiKey]:
        keys = ApiKey.objects.filter(organization=self.caller.organization, revoked_at=None)
        if not self.caller.reaches_all_keys:
            keys = keys.filter(made_by_id=self.caller.user_id)
        return keys.select_related("made_by")

    @property
    def calling_key(self) -> ApiKey | None:
        return self.request.auth if isinstance(self.request.auth, ApiKey) else None

    def locked(self, key_id: str) -> ApiKey:
        """Return the key, locked until the transaction ends; raises 404, or 412 by If-Match."""
        key = self.one(self.keys().select_related(None).select_for_update(), pk=key_id)
        check_if_match(self.request, _tag(key))
        return key

    def new_key(self, make: Callable[[], api_keys.NewKey]) -> tuple[dict[str, Any], ApiKey]:
        try:
            new = make()
        except api_keys.KeyRejected as rejected:
            raise ApiError("INVALID_API_KEY", str(rejected), headers=CHALLENGE) from None
        except api_keys.ScopesLacking as lacking:
            raise ApiError(
                "INSUFFICIENT_PERMISSIONS", str(lacking), details={"required": lacking.scopes}
            ) from None
        except LimitsExceeded as exceeded:
            raise ApiError(
                "INSUFFICIENT_PERMISSIONS", str(exceeded), details={"field": exceeded.field}
            ) from None
        return {**KeySerializer.represent(new.key), "key": new.secret}, new.key


class KeyListView(KeyView):
    scopes = {"GET": "api_keys:read", "POST": "api_keys:write"}
    query = {"GET": ListQuery}

    @documented(
        summary="List API keys",
        description="Developers see those that they made.",
        answer=KeySerializer,
        listed=True,
        errors=["INVALID_CURSOR"],
        example=_EXAMPLE,
    )
    def get(self, request: Any) -> Any:
        return paginate(self, self.keys(), KeySerializer.represent)

    @documented(
        summary="Make an API key",
        description="The secret is in this answer and nowhere else. Nobody can give a scope that "
        "they lack; the key never can do more than its maker can at the time. One that a key makes "
        "expires with it at the latest, and may be used from its addresses alone.",
        request=KeySerializer,
        answer=NewKeySerializer,
        status=201,
        errors=["MISSING_REQUIRED_FIELD", "QUOTA_EXCEEDED"],
        request_example={"name": "Deployments", "scopes": ["credentials:read"]},
        example={**_EXAMPLE, "key": "dv_live_sk_1f3a9…"},
    )
    def post(self, request: Any) -> Any:
        body = self.read(KeySerializer)
        data, key = self.new_key(
            lambda: api_keys.create(
                by=self.caller.actor,
                organization=self.caller.organization,
                name=body["name"],
                scopes=body["scopes"],
                own_scopes=self.caller.scopes,
                made_by_id=self.caller.user_id,
                expires_at=_expiry(body["expires_in"]),
                allowed_ips=body["allowed_ips"],
                parent=self.calling_key,
            )
        )
        location = f"{_PATH}/{key.pk}"
        return self.created(data, location=location, etag=_tag(key), headers=_NO_STORE)


class KeyDetailView(KeyView):
    scopes = {"GET": "api_keys:read", "DELETE": "api_keys:write"}
    query = {"DELETE": RevokeQuery}

    @documented(
        summary="Get an API key",
        description="With the keys that came of it.",
        answer=WholeKeySerializer,
        errors=["NOT_FOUND"],
        example={**_EXAMPLE, "children": []},
    )
    def get(self, request: Any, key_id: str) -> Any:
        key = self.one(self.keys(), pk=key_id)
        return self.ok(WholeKeySerializer.represent(key), etag=_tag(key))

    @documented(
        summary="Revoke an API key",
        description="At once and for ever. The header `X-Living-Children` names the keys that came "
        "of it and still live; `?children=revoke` takes them along.",
        status=204,
        errors=["NOT_FOUND", "PRECONDITION_FAILED"],
    )
    def delete(self, request: Any, key_id: str) -> Any:
        take_along = self.params["children"] == "revoke"
        children = api_keys.revoke(
            by=self.caller.actor, key=self.locked(key_id), with_children=take_along
        )
        answer = self.no_content()
        if children and not take_along:
            answer["X-Living-Children"] = ", ".join(child.pk for child in children[:_NAMED])
        return answer


class KeyRotateView(KeyView):
    scopes = {"POST": "api_keys:write"}

    @documented(
        summary="Give an API key a new secret",
        description="The old secret is dead at once. Needs every scope that the key has.",
        answer=NewKeySerializer,
        errors=["NOT_FOUND", "PRECONDITION_FAILED"],
        example={**_EXAMPLE, "key": "dv_live_sk_1f3a9…"},
    )
    def post(self, request: Any, key_id: str) -> Any:
        self.read(StrictSerializer)
        key = self.locked(key_id)
        data, key = self.new_key(
            lambda: api_keys.rotate(
                by=self.caller.actor,
                key=key,
                own_scopes=self.caller.scopes,
                parent=self.calling_key,
            )
        )
        return self.ok(data, etag=_tag(key), headers=_NO_STORE)


def _expiry(expires_in: str) -> datetime | None:
    lifetime = LIFETIMES[expires_in]
    return timezone.now() + lifetime if lifetime else None


def _tag(key: ApiKey) -> str:
    more = {"id": key.pk, "prefix": key.prefix, "expires_at": key.expires_at}
    return etag({**KeySerializer.written(key), **more})
