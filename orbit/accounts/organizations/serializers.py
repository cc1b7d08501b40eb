"""How an organisation looks in answers."""

from __future__ import annotations

from rest_framework import serializers

from orbit.api.answers import AnswerSerializer


class OrganizationSerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
