"""Each field of an opt-out once: for bodies, answers and OpenAPI."""

from __future__ import annotations

from rest_framework import serializers

from messaging.opt_outs import scopes
from messaging.opt_outs.models import MAX_REASON, Source
from messaging.serializer_fields import CheckedText, PhoneNumber, PhoneNumberParameter, Reference
from messaging.serializer_fields import Sender as SenderField
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.query_params import ListQuery, QuerySerializer

_SCOPE = {
    "format": "opt-out-scope",
    "pattern": r"^(organization|pool_[0-9a-f]{32}|\+[1-9][0-9]{5,14}|[0-9]{3,8}|"
    r"[A-Za-z0-9 _-]{1,11})$",
}


class Scope(CheckedText):
    openapi = _SCOPE

    def __init__(self, **options: object) -> None:
        options = {"max_length": scopes.MAX_LENGTH, "required": False} | options
        super().__init__(scopes.read, **options)


class Reason(serializers.CharField):
    def __init__(self, **options: object) -> None:
        options = {
            "required": False,
            "allow_blank": True,
            "max_length": MAX_REASON,
            "help_text": f"why, in at most {MAX_REASON} characters",
        } | options
        super().__init__(**options)


class OptOutSerializer(ResourceSerializer):
    """The body of POST, and the answer. Nobody changes an entry."""

    id = serializers.CharField(read_only=True)
    number = PhoneNumber()
    scope = Scope(
        help_text=f"what it gets nothing from: {scopes.EXPECTED}; organization is the default"
    )
    source = serializers.ChoiceField(
        Source.choices,
        read_only=True,
        help_text="keyword: a text of the person; carrier: the carrier says that it was asked to",
    )
    message_id = TextOrNull(help_text="of the text that asked for it, where source is keyword")
    reason = Reason()
    created_at = serializers.DateTimeField(read_only=True)


class OptOutQuery(ListQuery):
    """The filters of the list."""

    number = PhoneNumberParameter(required=False)
    scope = Scope(help_text=scopes.EXPECTED)
    source = serializers.ChoiceField(Source.choices, required=False)
    created_after = serializers.DateTimeField(required=False, help_text="ISO 8601")
    created_before = serializers.DateTimeField(required=False, help_text="ISO 8601")


class RemovalQuery(QuerySerializer):
    reason = Reason(help_text="why, for the audit")


class ImportQuery(QuerySerializer):
    dry_run = serializers.BooleanField(
        default=False, help_text="true: nothing is written, the answer is the same"
    )


class CheckQuery(QuerySerializer):
    to = PhoneNumberParameter()
    sender = SenderField(required=False, help_text="whom the message would be from")
    sender_pool_id = Reference(required=False, help_text="the pool that would send it")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["sender"].source = "sender"
        return {"from" if name == "sender" else name: field for name, field in fields.items()}


class CheckSerializer(AnswerSerializer):
    allowed = serializers.BooleanField()
    opt_out = OptOutSerializer(allow_null=True, help_text="what stands in the way")


class RejectedRowSerializer(AnswerSerializer):
    line = serializers.IntegerField(help_text="of the CSV, from 1")
    field = serializers.CharField()
    message = serializers.CharField()


class ImportedSerializer(AnswerSerializer):
    """The result of an import."""

    added = serializers.IntegerField()
    already = serializers.IntegerField(help_text="on the list before, or twice in the file")
    rejected = RejectedRowSerializer(many=True)
    rejected_total = serializers.IntegerField()
    dry_run = serializers.BooleanField()
