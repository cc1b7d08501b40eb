"""The operators' routes: gateways, runs, and "reconcile now". Other callers get 404."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from rest_framework.response import Response

from orbit.accounts.audit import services as audit
from orbit.api.errors import ApiError
from orbit.api.pagination import paginate
from orbit.api.permissions import ANY_CALLER
from orbit.api.query_params import ListQuery
from orbit.api.schema import documented
from orbit.api.views import ApiView
from reconciler import tasks
from reconciler.models import Gateway, Run
from reconciler.serializers import (
    FullRunSerializer,
    GatewaySerializer,
    QueuedSerializer,
    ReconcileSerializer,
    RunQuery,
    RunSerializer,
)


class OperatorView(ApiView):
    operators_only = True
    organization_required = False
    scopes = {"GET": ANY_CALLER, "POST": ANY_CALLER}


class GatewaysView(OperatorView):
    query = {"GET": ListQuery}

    @documented(summary="List gateways (operators)", answer=GatewaySerializer, listed=True)
    def get(self, request: Any) -> Response:
        return paginate(self, Gateway.objects.all(), GatewaySerializer.represent)


class RunsView(OperatorView):
    query = {"GET": RunQuery}

    @documented(
        summary="List passes that did something (operators)", answer=RunSerializer, listed=True
    )
    def get(self, request: Any) -> Response:
        runs = Run.objects.defer("changes")
        if "gateway" in self.params:
            runs = runs.filter(gateway__in=_named(self.params["gateway"]))
        if "state" in self.params:
            runs = runs.filter(state=self.params["state"])
        return paginate(self, runs, RunSerializer.represent)


class RunDetailView(OperatorView):
    @documented(
        summary="Read one pass with its changes (operators)",
        answer=FullRunSerializer,
        errors=["NOT_FOUND"],
    )
    def get(self, request: Any, run_id: str) -> Response:
        return self.ok(FullRunSerializer.represent(self.one(Run.objects.all(), pk=run_id)))


class ReconcileView(OperatorView):
    @documented(
        summary="Start a pass now (operators)",
        request=ReconcileSerializer,
        answer=QueuedSerializer,
        status=202,
        errors=["GATEWAY_UNAVAILABLE", "INVALID_STATE"],
        example={"status": "queued", "gateways": ["main"]},
    )
    def post(self, request: Any) -> Response:
        order = self.read(ReconcileSerializer)
        if order["force"] and settings.FOUR_EYES:
            message = "Four eyes are required (FOUR_EYES): order it in the console."
            raise ApiError("INVALID_STATE", message, field="force")
        gateways = Gateway.objects.filter(enabled=True)
        if "gateway" in order:
            gateways = gateways.filter(pk__in=_named(order["gateway"]))
            if not gateways:
                raise ApiError(
                    "VALIDATION_ERROR", "There is no enabled gateway of this name.", field="gateway"
                )
        chosen = list(gateways)
        audit.record(
            by=self.caller.actor,
            organization=None,
            action="gateway.reconcile",
            target=",".join(each.name for each in chosen),
            detail="force" if order["force"] else "",
        )
        # Not on commit: the tasks read nothing that this request writes, and where the broker is
        # away, the audit row and the stored answer must be rolled back.
        _queue(chosen, force=order["force"])
        return self.accepted({"status": "queued", "gateways": [each.name for each in chosen]})


def _named(text: str) -> QuerySet[Gateway]:
    return Gateway.objects.filter(Q(name=text) | Q(pk=text))


def _queue(gateways: list[Gateway], *, force: bool) -> None:
    try:
        for gateway in gateways:
            tasks.reconcile_gateway.delay(gateway.pk, trigger="api", force=force)
    except (OperationalError, RedisError, OSError) as error:
        raise ApiError(
            "GATEWAY_UNAVAILABLE", "The pass can't be queued: the broker is away."
        ) from error
