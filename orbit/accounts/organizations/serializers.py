"""How an organisation looks in answers, and what of it can be changed."""

from __future__ import annotations

from rest_framework import serializers

from orbit.accounts.api_keys.serializers import NetworkField
from orbit.api.answers import AnswerSerializer, ResourceSerializer
from orbit.api.serializers import on_form


class OrganizationSerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()


class AllowedAddressesSerializer(ResourceSerializer):
    """The body of PATCH, and the answer."""

    allowed_ips = serializers.ListField(
        child=NetworkField(max_length=43),
        max_length=100,
        required=False,
        help_text="addresses or CIDR, at most 100; none (default): from anywhere",
        style=on_form(
            "API keys may be used from",
            "Addresses or CIDR with commas between them; empty: from anywhere.",
            required=False,
        ),
    )
