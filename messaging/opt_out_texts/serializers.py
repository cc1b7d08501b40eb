"""Each field of a near miss once."""

from __future__ import annotations

from rest_framework import serializers

from messaging.opt_out_texts.models import Decision
from messaging.opt_out_texts.selectors import Shown
from orbit.api.answers import ResourceSerializer, TextOrNull
from orbit.api.query_params import ListQuery

WAITING, DECIDED, ALL = "waiting", "decided", "all"


class NearMissSerializer(ResourceSerializer):
    """The body of a decision, and the answer."""

    message_id = serializers.CharField(read_only=True, source="row.message_id")
    sender = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="null if the text was deleted, or for a key without messages:read",
    )
    to = serializers.CharField(read_only=True, allow_null=True)
    body = serializers.CharField(read_only=True, allow_null=True)
    word = serializers.CharField(
        read_only=True, source="row.word", help_text="the keyword that the text has in it"
    )
    decision = serializers.ChoiceField(
        Decision.choices,
        help_text="opt_out puts the sender on the list, with the scope organization; dismiss "
        "leaves it at that",
    )
    decided_by = TextOrNull(source="row.decided_by")
    decided_at = serializers.DateTimeField(read_only=True, allow_null=True, source="row.decided_at")
    created_at = serializers.DateTimeField(read_only=True, source="row.created_at")

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
