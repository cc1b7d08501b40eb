"""Each field of an API key once: for bodies, answers and OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from orbit.accounts.api_keys.selectors import living_descendants
from orbit.accounts.models import ApiKey
from orbit.accounts.scopes import ALL_SCOPES
from orbit.api.answers import ResourceSerializer
from orbit.api.client_ip import parse_networks
from orbit.api.query_params import QuerySerializer
from orbit.api.serializers import on_form

LIFETIMES = {
    "never": None,
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "1y": timedelta(days=365),
}


def expiry(expires_in: str) -> datetime | None:
    """When a key ends that is good for so long from now."""
    lifetime = LIFETIMES[expires_in]
    return timezone.now() + lifetime if lifetime else None


class NetworkField(serializers.CharField):
    """An address or CIDR."""

    openapi: ClassVar[Mapping[str, Any]] = {"format": "ip-network"}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            parse_networks((text,))
        except ValueError:
            raise serializers.ValidationError("Is no address and no CIDR.") from None
        if "%" in text:  # a zone means something on one machine alone
            raise serializers.ValidationError("Has a zone (%), which no client's address has.")
        return text


class KeySerializer(ResourceSerializer):
    """The body of POST, and the answer."""

    id = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=100)
    prefix = serializers.CharField(
        read_only=True, help_text="the beginning of the key, to recognise it by"
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ALL_SCOPES),
        min_length=1,
        help_text="at least one of: " + ", ".join(ALL_SCOPES),
    )
    expires_in = serializers.ChoiceField(
        choices=list(LIFETIMES),
        default="never",
        write_only=True,
        help_text="a key that makes it cuts this to its own time",
    )
    allowed_ips = serializers.ListField(
        child=NetworkField(max_length=43),
        max_length=100,
        default=list,
        help_text="addresses or CIDR, at most 100; none: from anywhere",
    )
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    made_by = serializers.CharField(read_only=True, allow_null=True)
    made_by_key = serializers.CharField(
        read_only=True,
        allow_null=True,
        source="parent_id",
        help_text="the key that made it, whose limits it has; null: a person did",
    )
    last_used_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

    def represent_made_by(self, key: ApiKey) -> str | None:
        return key.made_by.email if key.made_by else None


class KeyLimitsSerializer(ResourceSerializer):
    """The body of PATCH: for how long from now, and from where, a key is good."""

    expires_in = serializers.ChoiceField(
        choices=list(LIFETIMES),
        required=False,
        write_only=True,
        help_text="from now; the key that made it, and one that asks, cut this to their own time",
        style=on_form(
            "Expires",
            choices=[
                ("", "as it is"),
                ("never", "never"),
                ("30d", "in 30 days"),
                ("90d", "in 90 days"),
                ("1y", "in a year"),
            ],
            required=False,
        ),
    )
    allowed_ips = serializers.ListField(
        child=NetworkField(max_length=43),
        max_length=100,
        required=False,
        help_text="addresses or CIDR, at most 100; none: from anywhere",
        style=on_form(
            "May be used from",
            "Addresses or CIDR with commas between them; empty: from anywhere.",
            required=False,
        ),
    )


class WholeKeySerializer(KeySerializer):
    """The answer of one key."""

    children = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="living keys that came of it, by it or by one that it made",
    )

    def represent_children(self, key: ApiKey) -> list[str]:
        return [child.pk for child in living_descendants(key)]


class OperatorKeySerializer(ResourceSerializer):
    """A key for the operators' routes."""

    id = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    prefix = serializers.CharField(read_only=True)
    allowed_ips = serializers.ListField(child=serializers.CharField(), read_only=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_used_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)


class RevokeQuery(QuerySerializer):
    children = serializers.ChoiceField(
        choices=["keep", "revoke"],
        default="keep",
        help_text="what becomes of the living keys that came of it",
    )


class NewKeySerializer(KeySerializer):
    """The answer that shows the key."""

    key = serializers.CharField(read_only=True, help_text="the secret, shown this once")
