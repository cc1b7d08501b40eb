"""Each field of a near miss once."""

from __future__ import annotations

from rest_framework import serializers

from messaging.opt_out_texts.models import Decision
from messaging.opt_out_texts.selectors import Shown
from orbit.api.answers import AnswerSerializer, TextOrNull
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

WAITING, DECIDED, ALL = "waiting", "decided", "all"


class DecisionSerializer(StrictSerializer):
    """The body of a decision."""

    decision = serializers.ChoiceField(
        Decision.choices,
        help_text="opt_out puts the sender on the list, with the scope organization; dismiss "
        "leaves it at that",
    )


class NearMissSerializer(AnswerSerializer):
    """A near miss with its text."""

    message_id = serializers.CharField(source="row.message_id")
    sender = serializers.CharField(
        allow_null=True,
        help_text="null if the text was deleted, or for a key without messages:read",
    )
    to = serializers.CharField(allow_null=True)
    body = serializers.CharField(allow_null=True)
    word = serializers.CharField(source="row.word", help_text="the keyword that the text has in it")
    decision = TextOrNull(help_text="opt_out, dismiss; null while it waits")
    decided_by = TextOrNull(source="row.decided_by")
    decided_at = serializers.DateTimeField(allow_null=True, source="row.decided_at")
    created_at = serializers.DateTimeField(source="row.created_at")

    answered_as = {"sender": "from"}

    def represent_sender(self, shown: Shown) -> str | None:
        return shown.text.sender if shown.text else None

    def represent_to(self, shown: Shown) -> str | None:
        return shown.text.receiver if shown.text else None

    def represent_body(self, shown: Shown) -> str | None:
        return shown.text.body if shown.text else None

    def represent_decision(self, shown: Shown) -> str | None:
        return shown.row.decision or None


class NearMissQuery(ListQuery):
    state = serializers.ChoiceField(
        (WAITING, DECIDED, ALL), default=WAITING, help_text="waiting (default) for a decision"
    )
