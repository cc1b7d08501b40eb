"""A view that does what a test tells it to, mounted at /v1/probe beside the real routes.

The marker of the tests: `pytestmark = pytest.mark.urls("tests.orbit.api.probe")`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path
from rest_framework import serializers

import orbit.urls
from orbit.accounts.audit import services as audit
from orbit.api.permissions import ANY_CALLER
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView


class Inner(StrictSerializer):
    ton = serializers.IntegerField(min_value=0, max_value=6)
    label = serializers.CharField(max_length=10, required=False)


class ProbeBody(StrictSerializer):
    secret_fields = ("password", "code")

    name = serializers.CharField(max_length=64)
    port = serializers.IntegerField(min_value=1, max_value=65535, default=2775)
    password = serializers.CharField(max_length=8, required=False)
    code = serializers.ChoiceField(choices=["one", "two"], required=False)
    tls = serializers.BooleanField(default=False)
    rate = serializers.DecimalField(max_digits=10, decimal_places=5, required=False)
    kind = serializers.ChoiceField(choices=["a", "b"], required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=5), required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    inner = Inner(required=False)
    metadata = serializers.DictField(required=False)
    to = serializers.CharField(required=False, help_text="E.164 format e.g. +14155552671")

    def validate_to(self, value: str) -> str:
        if not value.startswith("+"):
            raise serializers.ValidationError("No plus sign.", code="INVALID_PHONE_NUMBER")
        return value


class ProbeView(ApiView):
    """`behave` (set by a test) answers POST, PUT, PATCH and DELETE."""

    scopes = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), ANY_CALLER)
    schema = None
    behave: Callable[[ProbeView], Any] = staticmethod(lambda view: view.echoed())
    before: Callable[[ProbeView], Any] = staticmethod(lambda view: None)

    def echoed(self) -> Any:
        return self.ok(dict(self.read(ProbeBody)))

    def worked(self, status: int = 200) -> Any:
        """Leave a row behind, and answer."""
        audit.record(by=self.caller.actor, organization=self.caller.organization, action="probe")
        answer = self.created({"secret": "hunter2!"}, location="/v1/probe/1", etag='"v1"')
        answer.status_code = status
        answer["Cache-Control"] = "no-store"
        return answer

    def get(self, request: Any) -> Any:
        return self.ok({})

    def prepare(self, request: Any, **kwargs: Any) -> Any:
        return type(self).before(self)

    def post(self, request: Any) -> Any:
        return type(self).behave(self)

    put = patch = delete = post


class RevealingView(ApiView):
    """A GET that writes."""

    scopes = {"GET": "credentials:reveal"}
    refusals = {"GET": "probe.revealed"}
    safe_methods_have_effects = True
    schema = None

    def get(self, request: Any, probe_id: str) -> Any:
        audit.record(
            by=self.caller.actor,
            organization=self.caller.organization,
            action="probe.revealed",
            target=probe_id,
        )
        return self.ok({})


class UndeclaredView(ApiView):
    """Says nothing about scopes."""

    schema = None

    def get(self, request: Any) -> Any:
        return self.ok({})


class OperatorsView(ApiView):
    operators_only = True
    schema = None

    def get(self, request: Any) -> Any:
        return self.ok({"for": "operators"})


urlpatterns = [
    path("v1/probe", ProbeView.as_view()),
    path("v1/probe/operators", OperatorsView.as_view()),
    path("v1/probe/undeclared", UndeclaredView.as_view()),
    path("v1/probe/<str:probe_id>/reveal", RevealingView.as_view()),
    *orbit.urls.urlpatterns,
]
