"""Each field of a pool and its members once: bodies, answers, OpenAPI, the console's form."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.credentials.validators import MAX_NAME
from messaging.credentials.validators import name as printable_name
from messaging.numbers import SenderType, sender_type
from messaging.pools import validators
from messaging.pools.engine.values import Strategy
from messaging.pools.models import SenderPool
from messaging.pools.selectors import carrier_ids
from messaging.serializer_fields import CheckedText, Reference, Sender
from orbit.api.answers import ResourceSerializer
from orbit.api.query_params import ListQuery
from orbit.api.serializers import on_form


class Countries(serializers.ListField):
    """Each country once; none for any."""

    child = CheckedText(validators.country, openapi={"format": "country", "pattern": "^[A-Z]{2}$"})
    openapi = {"format": "countries", "maxItems": validators.MAX_COUNTRIES}

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            validators.at_most(data, validators.MAX_COUNTRIES, "countries")
            return validators.countries(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class MemberSerializer(ResourceSerializer):
    """One of `members`; its type is what its sender is."""

    id = serializers.CharField(read_only=True)
    sender = Sender(
        help_text="E.164 with +, a short code of 3–8 digits, or a name of 1–11 of A–Z a–z 0–9 "
        "space - _ with at least one letter",
    )
    type = serializers.ChoiceField(
        [each.value for each in SenderType],
        required=False,
        help_text="long_code, short_code or alphanumeric (default: what the sender is)",
    )
    weight = serializers.IntegerField(
        default=1,
        min_value=1,
        max_value=validators.MAX_WEIGHT,
        help_text=f"a whole number from 1 to {validators.MAX_WEIGHT} (default 1), for the strategy "
        "weighted",
    )
    countries = Countries(
        default=list,
        help_text="countries that it may send to, ISO 3166-1 alpha-2 in upper case; [] (default) "
        "is any; a short code needs some",
    )
    enabled = serializers.BooleanField(default=True, help_text="true (default) or false")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = sender_type(attrs["sender"])
        field = "type"
        try:
            validators.check_type(attrs.get("type", found), found)
            field = "countries"
            validators.check_reach(found, attrs["countries"])
        except ValueError as error:
            raise serializers.ValidationError({field: [str(error)]}) from None
        return attrs | {"type": found.value}


class Members(serializers.ListField):
    """The whole list, each sender once. A fault names its place: `members[1].sender`."""

    child = MemberSerializer()
    openapi = {"format": "members", "maxItems": validators.MAX_MEMBERS}

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        try:
            validators.at_most(data, validators.MAX_MEMBERS, "members")
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        # By itself: as a part of a PATCH it would miss nothing that is required.
        one = MemberSerializer()
        members, faults = [], {}
        for place, each in enumerate(data):
            try:
                members.append(one.run_validation(each))
            except serializers.ValidationError as error:
                faults[place] = error.detail
        if not faults:
            faults = _repeated(members)
        if faults:
            raise serializers.ValidationError(faults)
        return members

    def to_representation(self, members: Any) -> list[dict[str, Any]]:
        return [MemberSerializer.represent(member) for member in members.all()]


def _repeated(members: list[dict[str, Any]]) -> dict[int, Any]:
    places = validators.first_repeated([member["sender"] for member in members])
    if places is None:
        return {}
    again, first = places
    return {again: {"sender": [f"This sender is in the list already, as members[{first}]."]}}


class CarrierIds(serializers.ListField):
    """Each carrier once."""

    child = Reference()
    openapi = {"format": "references", "maxItems": validators.MAX_CARRIERS}

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            validators.at_most(data, validators.MAX_CARRIERS, "carriers")
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        ids = super().to_internal_value(data)
        places = validators.first_repeated(ids)
        if places:
            again, first = places
            fault = f"This carrier is in the list already, as carrier_ids[{first}]."
            raise serializers.ValidationError({again: [fault]})
        return ids


class PoolSerializer(ResourceSerializer):
    """The body of POST, with `partial=True` that of PATCH, where `members` replaces the list, and
    the answer."""

    id = serializers.CharField(read_only=True)
    name = CheckedText(
        printable_name,
        openapi={"format": "printable"},
        max_length=MAX_NAME,
        help_text="text of 1–64 printable characters, not `none`",
        style=on_form("Name"),
    )
    strategy = serializers.ChoiceField(
        [each.value for each in Strategy],
        required=False,
        help_text="round_robin (default), weighted, random or least_recently_used",
        style=on_form("Strategy"),
    )
    sticky = serializers.BooleanField(
        required=False,
        help_text="true: a destination keeps its sender; false (default)",
        style=on_form("Sticky", "A destination keeps its sender."),
    )
    sticky_ttl_days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=validators.MAX_TTL,
        help_text=f"days from 1 to {validators.MAX_TTL} without a message after which a "
        "destination is free again (default 15)",
        style=on_form("Sticky for", "Days without a message, then the destination is free."),
    )
    geo_match = serializers.BooleanField(
        required=False,
        help_text="true: senders of the destination's area code, else of its country, come first; "
        "false (default)",
        style=on_form("Geo match", "Senders of the destination's area, else country, come first."),
    )
    carrier_ids = CarrierIds(
        required=False,
        help_text=f"ids of at most {validators.MAX_CARRIERS} of your carriers; [] (default) for "
        "none",
    )
    members = Members(required=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def represent_carrier_ids(self, pool: SenderPool) -> list[str]:
        return carrier_ids(pool)


class PoolQuery(ListQuery):
    """The filters of the list."""

    carrier_id = Reference(required=False)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="text in the name"
    )
