"""What comes in: the body of PATCH. A rotation takes no fields."""

from __future__ import annotations

from rest_framework import serializers

from orbit.api.serializers import StrictSerializer


class AccessSerializer(StrictSerializer):
    enabled = serializers.BooleanField(required=False, help_text="true or false (default)")
    max_bindings = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        help_text="sessions at a time, from 1 to 100 (default 2)",
    )
    throughput = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1000,
        help_text="messages/s from 1 to 1000, or null for no limit (default)",
    )
