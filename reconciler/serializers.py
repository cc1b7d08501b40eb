from __future__ import annotations

from rest_framework import serializers

from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer
from reconciler.models import GatewayState, RunState


class RunQuery(ListQuery):
    gateway = serializers.CharField(required=False, help_text="a gateway's name or id")
    state = serializers.ChoiceField(choices=RunState.choices, required=False)


class ReconcileSerializer(StrictSerializer):
    """What to reconcile: everything, or one gateway."""

    gateway = serializers.CharField(required=False, help_text="a gateway's name or id; else all")
    force = serializers.BooleanField(default=False, help_text="apply also an unsafe plan")


# -- answers, for the documentation -------------------------------------------------------


class FaultAnswer(serializers.Serializer):
    organization_id = serializers.CharField(allow_null=True, help_text="null: the whole gateway")
    error = serializers.CharField()


class GatewayAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    enabled = serializers.BooleanField()
    console = serializers.CharField()
    http_url = serializers.CharField()
    watches_broker = serializers.BooleanField()
    state = serializers.ChoiceField(choices=GatewayState.choices)
    state_since = serializers.DateTimeField(allow_null=True)
    state_reason = serializers.CharField(allow_null=True)
    jasmin_version = serializers.CharField(allow_null=True)
    launcher_version = serializers.CharField(allow_null=True, help_text="null: a stock Jasmin")
    capabilities = serializers.ListField(
        child=serializers.CharField(), help_text="what its launcher corrects"
    )
    lacking = serializers.ListField(
        child=serializers.CharField(), help_text="what it can't do for that reason, in words"
    )
    epoch = serializers.CharField(allow_null=True)
    conflicts = serializers.ListField(
        child=serializers.CharField(),
        help_text="what others made that meets ours; it is left alone",
    )
    faults = FaultAnswer(
        many=True, help_text="what the last pass could not do; all others are served"
    )
    last_pass_at = serializers.DateTimeField(allow_null=True)
    unpersisted = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class RunAnswer(serializers.Serializer):
    id = serializers.CharField()
    gateway_id = serializers.CharField()
    organization_id = serializers.CharField(allow_null=True)
    trigger = serializers.CharField()
    state = serializers.ChoiceField(choices=RunState.choices)
    error = serializers.CharField(allow_null=True)
    times = serializers.IntegerField()
    change_count = serializers.IntegerField()
    persisted = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class FieldChangeAnswer(serializers.Serializer):
    name = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    desired = serializers.CharField(allow_null=True)


class ChangeAnswer(serializers.Serializer):
    kind = serializers.CharField()
    key = serializers.CharField()
    action = serializers.CharField()
    about = serializers.CharField(
        required=False, help_text="organisation, and credential, or countries and carriers"
    )
    reason = serializers.CharField()
    fields = FieldChangeAnswer(many=True)
    drops_bind = serializers.BooleanField()
    outcome = serializers.CharField(required=False)
    error = serializers.CharField(required=False)

    def get_fields(self):
        # `fields` is an answer's name here, and DRF's own attribute elsewhere.
        return dict(self._declared_fields)


class FullRunAnswer(RunAnswer):
    changes = ChangeAnswer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


class QueuedAnswer(serializers.Serializer):
    status = serializers.CharField()
    gateways = serializers.ListField(child=serializers.CharField())
