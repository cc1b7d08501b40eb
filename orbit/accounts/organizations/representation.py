"""How organisations and people look in answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orbit.accounts.models import Organization


class OrganizationAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


def organization_data(organization: Organization | None) -> dict[str, Any] | None:
    if organization is None:
        return None
    return {"id": organization.pk, "name": organization.name}
