"""What is asked of the explained routes and of the preview, and what they answer."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carriers.ranking import ExplainedCandidate
from messaging.numbers import SenderType
from messaging.pools.engine.values import Step
from messaging.quality.serializers import RouteQualitySerializer
from messaging.routing.previews import Preview
from messaging.serializer_fields import PhoneNumberParameter, Reference
from orbit.api.answers import AnswerSerializer
from orbit.api.query_params import QuerySerializer
from orbit.api.serializers import on_form


class RoutesQuery(QuerySerializer):
    """The destination to be explained."""

    destination = PhoneNumberParameter()


class PreviewQuery(QuerySerializer):
    """The query of a preview."""

    destination = PhoneNumberParameter(
        style=on_form("Destination", "E.164: +33612345678", strip=True)
    )
    carrier_id = Reference(
        required=False,
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


class ChosenCarrierSerializer(AnswerSerializer):
    """Of an `ExplainedCandidate`."""

    position = serializers.IntegerField()
    id = serializers.CharField(source="candidate.id")
    name = serializers.CharField(source="candidate.name")
    credential_id = serializers.CharField(source="candidate.credential_id")
    bound = serializers.BooleanField(source="candidate.bound")
    reason = serializers.CharField()
    quality = RouteQualitySerializer(
        allow_null=True, help_text="of the last 15 minutes there; null: it sent nothing there"
    )

    def represent_quality(self, explained: ExplainedCandidate) -> None:
        """Read for all at once."""

    def represent_position(self, explained: ExplainedCandidate) -> None:
        """Its list knows it."""


class LeftOutCarrierSerializer(AnswerSerializer):
    """Of an `ExplainedCandidate`."""

    id = serializers.CharField(source="candidate.id")
    name = serializers.CharField(source="candidate.name")
    reason = serializers.CharField()


class RoutesSerializer(AnswerSerializer):
    destination = serializers.CharField()
    country = serializers.CharField(allow_null=True, help_text="null: the number has none")
    carriers = ChosenCarrierSerializer(many=True)
    left_out = LeftOutCarrierSerializer(many=True)
    note = serializers.CharField(allow_null=True, help_text="why there are no carriers")


class SelectedSenderSerializer(AnswerSerializer):
    """The chosen member of the pool."""

    member_id = serializers.CharField(source="id")
    sender = serializers.CharField()
    type = serializers.ChoiceField([each.value for each in SenderType])


class PreviewedCarrierSerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    bound = serializers.BooleanField()


class SenderCandidateSerializer(AnswerSerializer):
    member_id = serializers.CharField(source="member.id")
    sender = serializers.CharField(source="member.sender")
    eligible = serializers.BooleanField()
    reason = serializers.CharField()


class PreviewSerializer(AnswerSerializer):
    """Of a `Preview`: what the next message would get."""

    destination = serializers.CharField()
    country = serializers.CharField(allow_null=True, help_text="null: the number has none")
    selected = SelectedSenderSerializer(
        source="choice.member", allow_null=True, help_text="null: no sender may send there"
    )
    step = serializers.ChoiceField(
        [each.value for each in Step],
        source="choice.step",
        allow_null=True,
        help_text="what decided",
    )
    carrier = PreviewedCarrierSerializer(
        allow_null=True, help_text="that would take the message; null: none takes it"
    )
    candidates = SenderCandidateSerializer(
        many=True, source="choice.candidates", help_text="each member once"
    )
    next = serializers.ListField(
        child=serializers.CharField(), help_text="senders of the next `count` messages"
    )
    note = serializers.CharField(allow_null=True, help_text="what else there is to say")

    def represent_next(self, found: Preview) -> list[str]:
        return [member.sender for member in found.next]

    def represent_note(self, found: Preview) -> None:
        """`representation.previewed` says it."""
