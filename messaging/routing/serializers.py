"""What comes in: the queries of the explained routes and of the preview."""

from __future__ import annotations

from rest_framework import serializers

from messaging.fields import PhoneNumberParameter
from orbit.api.query import QuerySerializer
from orbit.api.serializers import on_form


class RoutesQuery(QuerySerializer):
    """The destination to be explained."""

    destination = PhoneNumberParameter()


class PreviewQuery(QuerySerializer):
    """What is to be previewed."""

    destination = PhoneNumberParameter(
        style=on_form("Destination", "E.164: +33612345678", strip=True)
    )
    carrier_id = serializers.CharField(
        required=False,
        max_length=64,
        help_text="one of your carriers: the message would go through no other",
        style=on_form("Through", choices=()),
    )
    count = serializers.IntegerField(
        default=1,
        min_value=1,
        max_value=100,
        help_text="for how many messages to name the sender, a whole number from 1 to 100",
        style=on_form("Next messages", "1–100: who sends each of them.", required=True),
    )
