"""The answer of an erasure."""

from __future__ import annotations

from rest_framework import serializers

from orbit.api.answers import AnswerSerializer


class KeptSerializer(AnswerSerializer):
    kind = serializers.CharField()
    count = serializers.IntegerField()
    reason = serializers.CharField()


class ErasureSerializer(AnswerSerializer):
    erased = serializers.DictField(
        child=serializers.IntegerField(), help_text="how many of each kind"
    )
    kept = KeptSerializer(many=True, help_text="what can't go yet, and why")
    note = serializers.CharField(help_text="what is never reached from here")
