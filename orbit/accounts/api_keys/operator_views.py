"""/v1/settings/operator-keys: operators list and revoke the keys that `manage.py` made."""

from __future__ import annotations

from typing import Any

from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.api_keys.serializers import OperatorKeySerializer
from orbit.accounts.models import ApiKey
from orbit.api.pagination import paginate
from orbit.api.permissions import ANY_CALLER
from orbit.api.query_params import ListQuery
from orbit.api.schema import documented
from orbit.api.views import ApiView


class _OperatorKeyView(ApiView):
    operators_only = True
    organization_required = False
    keys = ApiKey.objects.filter(is_operator=True, revoked_at=None)


class OperatorKeyListView(_OperatorKeyView):
    scopes = {"GET": ANY_CALLER}
    query = {"GET": ListQuery}

    @documented(
        summary="List operator keys (operators)",
        description="`manage.py create_operator_key` makes them, and nothing else does.",
        answer=OperatorKeySerializer,
        listed=True,
        errors=["INVALID_CURSOR"],
    )
    def get(self, request: Any) -> Any:
        return paginate(self, self.keys.all(), OperatorKeySerializer.represent)


class OperatorKeyDetailView(_OperatorKeyView):
    scopes = {"DELETE": ANY_CALLER}

    @documented(
        summary="Revoke an operator key (operators)",
        description="At once and for ever.",
        status=204,
        errors=["NOT_FOUND"],
    )
    def delete(self, request: Any, key_id: str) -> Any:
        key = self.one(self.keys.select_for_update(), pk=key_id)
        api_keys.revoke(by=self.caller.actor, key=key)
        return self.no_content()
