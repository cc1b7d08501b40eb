"""The routes of the access."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging import one_time_reveal
from messaging.access import documentation, services
from messaging.access.models import Access
from messaging.access.representation import represent, tag
from messaging.access.selectors import find, lock
from messaging.access.serializers import AccessSerializer
from orbit.accounts.models import ApiKey
from orbit.api.etags import check_if_match
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView


class _View(ApiView):
    """Base of the routes that write: the locked row, after the check of If-Match."""

    def lock(self) -> Access:
        access = lock(self.caller.organization)
        check_if_match(self.request, tag(access))
        return access


class AccessView(_View):
    scopes = {"GET": "credentials:read", "PATCH": "credentials:write"}

    @documentation.get
    def get(self, request: Any) -> Response:
        access = find(self.caller.organization)
        return self.ok(represent(access), etag=tag(access))

    @documentation.update
    def patch(self, request: Any) -> Response:
        access = self.lock()
        fields = self.read(AccessSerializer)
        is_key = isinstance(request.auth, ApiKey)
        services.update(by=self.caller.actor, access=access, fields=fields, may_widen=not is_key)
        return self.ok(represent(access), etag=tag(access))


class AccessRevealView(ApiView):
    scopes = {"GET": "credentials:reveal"}
    audited_refusals = {"GET": services.REVEALED}
    safe_methods_write = True

    @documentation.reveal
    def get(self, request: Any) -> Response:
        revealed = services.reveal(by=self.caller.actor, access=lock(self.caller.organization))
        return self.ok(one_time_reveal.represent(revealed), headers=one_time_reveal.NO_STORE)


class AccessRotateView(_View):
    scopes = {"POST": "credentials:write"}

    @documentation.rotate
    def post(self, request: Any) -> Response:
        access = self.lock()
        self.read(StrictSerializer)
        services.rotate(by=self.caller.actor, access=access)
        return self.ok(represent(access), etag=tag(access))
