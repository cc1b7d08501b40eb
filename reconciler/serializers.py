"""Each field of gateways and runs once, for answers and OpenAPI; and what operators send."""

from __future__ import annotations

import copy
from typing import Any

from rest_framework import serializers

from orbit.api.answers import AnswerSerializer, TextOrNull
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer
from reconciler.jasmin.capabilities import lacking
from reconciler.models import Gateway, GatewayMode, GatewayState, Run, RunState


class RunQuery(ListQuery):
    gateway = serializers.CharField(required=False, help_text="a gateway's name or id")
    state = serializers.ChoiceField(choices=RunState.choices, required=False)


class ReconcileSerializer(StrictSerializer):
    """What to reconcile: everything, or one gateway."""

    gateway = serializers.CharField(required=False, help_text="a gateway's name or id; else all")
    force = serializers.BooleanField(default=False, help_text="apply also an unsafe plan")


class FaultSerializer(AnswerSerializer):
    """Of an entry of `Gateway.faults`."""

    organization_id = serializers.CharField(allow_null=True, help_text="null: the whole gateway")
    error = serializers.CharField()


class GatewaySerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    enabled = serializers.BooleanField()
    console = serializers.CharField()
    http_url = serializers.CharField()
    watches_broker = serializers.BooleanField()
    region = serializers.CharField(help_text="label of the organisations that are placed here")
    mode = serializers.ChoiceField(
        choices=GatewayMode.choices, help_text="draining and lost ones get no organisations"
    )
    mode_since = serializers.DateTimeField(allow_null=True)
    mode_reason = TextOrNull()
    closed = serializers.BooleanField(help_text="it gets no new messages")
    state = serializers.ChoiceField(choices=GatewayState.choices)
    state_since = serializers.DateTimeField(allow_null=True)
    state_reason = TextOrNull()
    jasmin_version = TextOrNull()
    launcher_version = TextOrNull(help_text="null: a stock Jasmin")
    capabilities = serializers.ListField(
        child=serializers.CharField(), help_text="what its launcher corrects"
    )
    lacking = serializers.ListField(
        child=serializers.CharField(), help_text="what it can't do for that reason, in words"
    )
    epoch = TextOrNull()
    conflicts = serializers.ListField(
        child=serializers.CharField(),
        help_text="what others made that meets ours; it is left alone",
    )
    faults = FaultSerializer(
        many=True, help_text="what the last pass could not do; all others are served"
    )
    last_pass_at = serializers.DateTimeField(allow_null=True)
    unpersisted = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def represent_console(self, gateway: Gateway) -> str:
        return f"{gateway.jcli_host}:{gateway.jcli_port}"

    def represent_watches_broker(self, gateway: Gateway) -> bool:
        return bool(gateway.amqp_url)

    def represent_lacking(self, gateway: Gateway) -> list[str]:
        return lacking(gateway.capabilities) if gateway.jasmin_version else []

    def represent_faults(self, gateway: Gateway) -> list[dict[str, Any]]:
        return [
            {"organization_id": each["organization_id"] or None, "error": each["error"]}
            for each in gateway.faults
        ]


class RunSerializer(AnswerSerializer):
    """One line of the history: without its changes, which can be many."""

    id = serializers.CharField()
    gateway_id = serializers.CharField()
    organization_id = TextOrNull()
    trigger = serializers.CharField()
    state = serializers.ChoiceField(choices=RunState.choices)
    error = TextOrNull()
    times = serializers.IntegerField()
    change_count = serializers.IntegerField()
    persisted = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def represent_change_count(self, run: Run) -> int:
        return len(run.changes)


class FieldChangeSerializer(AnswerSerializer):
    name = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    desired = serializers.CharField(allow_null=True)


class ChangeSerializer(AnswerSerializer):
    optional_in_answers = ("about", "outcome", "error")

    kind = serializers.CharField()
    key = serializers.CharField()
    action = serializers.CharField()
    about = serializers.CharField(
        help_text="organisation, and credential, or countries and carriers"
    )
    reason = serializers.CharField()
    fields = FieldChangeSerializer(many=True)
    drops_bind = serializers.BooleanField()
    outcome = serializers.CharField()
    error = serializers.CharField()

    def get_fields(self):
        # `fields` is an answer's name here, and DRF's own attribute elsewhere.
        return copy.deepcopy(self._declared_fields)


class FullRunSerializer(RunSerializer):
    changes = ChangeSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


class QueuedSerializer(AnswerSerializer):
    status = serializers.CharField()
    gateways = serializers.ListField(child=serializers.CharField())
