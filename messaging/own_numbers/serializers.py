"""Each field of a number once: for bodies, answers and OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.numbers import SenderType, sender, sender_type
from messaging.own_numbers import keywords
from messaging.own_numbers.models import Route
from messaging.pools.serializers import Countries
from messaging.serializer_fields import CheckedText, Reference, SmsText
from messaging.webhooks.serializers import WebhookUrl
from orbit.api.answers import AnswerSerializer, ResourceSerializer
from orbit.api.query_params import ListQuery

EXPECTED = "a number in E.164 with +, or a short code of 3–8 digits with its countries"
_NUMBER = {"format": "own-number", "pattern": r"^(\+[1-9][0-9]{5,14}|[0-9]{3,8})$"}
_CREDENTIAL = "the id of one of your credentials that can receive: texts come in by it"


def number(text: str) -> str:
    """The number as it is stored. Raises ValueError."""
    found = sender(text)
    if sender_type(found) is SenderType.ALPHANUMERIC:
        raise ValueError(f"A name receives no texts: this has to be {EXPECTED}.")
    return found


class NumberKeywordSerializer(ResourceSerializer):
    """One of `keywords`."""

    secret_fields = ("webhook_url",)

    word = CheckedText(
        keywords.word,
        openapi={"format": "keyword", "maxLength": keywords.MAX_WORD, "pattern": r"^\S+$"},
        help_text=f"one word of 1–{keywords.MAX_WORD} characters, in any case",
    )
    webhook_url = WebhookUrl(
        default=None,
        allow_null=True,
        help_text="an https:// URL of a public host: texts that begin with the word go there, and "
        "nowhere else; null (default): where the number's go",
    )
    answer = SmsText(
        default=None,
        allow_null=True,
        help_text="a text of at most 10 segments that answers them; null (default): none",
    )


class NumberKeywords(serializers.ListField):
    """The whole list, each word once. A fault names its place: `keywords[1].word`."""

    child = NumberKeywordSerializer()
    openapi = {"format": "keywords", "maxItems": keywords.MAX_KEYWORDS}

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if len(data) > keywords.MAX_KEYWORDS:
            raise serializers.ValidationError(
                f"At most {keywords.MAX_KEYWORDS} keywords are taken, these are {len(data)}."
            )
        # By itself: as a part of a PATCH it would miss nothing that is required.
        one = NumberKeywordSerializer()
        found, faults = [], {}
        for place, each in enumerate(data):
            try:
                found.append(dict(one.run_validation(each)))
            except serializers.ValidationError as error:
                faults[place] = error.detail
        if not faults and (places := keywords.first_repeated([each["word"] for each in found])):
            again, first = places
            said = f"This word is in the list already, as keywords[{first}]."
            faults = {again: {"word": [said]}}
        if faults:
            raise serializers.ValidationError(faults)
        return found

    def to_representation(self, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return stored


class NumberSerializer(ResourceSerializer):
    """The body of POST, with `partial=True` that of PATCH, where `keywords` replaces the list, and
    the answer."""

    # An address often is a secret by itself.
    secret_fields = ("webhook_url", "keywords")

    id = serializers.CharField(read_only=True)
    number = CheckedText(number, openapi=_NUMBER, help_text=EXPECTED)
    countries = Countries(
        required=False,
        help_text="of a short code: the countries in which it is one, ISO 3166-1 alpha-2 in upper "
        "case; [] (default) for a number in E.164",
    )
    credential_id = Reference(help_text=_CREDENTIAL)
    route = serializers.ChoiceField(
        Route.choices,
        required=False,
        help_text="webhook (default), access (your own platform, on its access bind) or both",
    )
    webhook_url = WebhookUrl(
        required=False,
        allow_null=True,
        help_text="an https:// URL of a public host that gets this number's texts, and no webhook "
        "of yours does; null (default): your webhooks that ask for message.received",
    )
    keywords = NumberKeywords(
        required=False,
        help_text=f"at most {keywords.MAX_KEYWORDS} of "
        "{word, webhook_url, answer}, by the first word of a text; [] (default) for none",
    )
    default_answer = SmsText(
        required=False,
        allow_null=True,
        help_text="a text of at most 10 segments that answers texts with none of the keywords; "
        "null (default): none",
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class NumberQuery(ListQuery):
    """The filters of the list."""

    credential_id = Reference(required=False)
    route = serializers.ChoiceField(Route.choices, required=False)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="digits of the number"
    )


class SuggestedNumberSerializer(AnswerSerializer):
    """A suggestion: the fields that a POST could have."""

    number = serializers.CharField()
    countries = serializers.ListField(child=serializers.CharField())
    credential_id = serializers.CharField()
    sender_pool_id = serializers.CharField(help_text="the pool that it is a sender of")


class SuggestedNumbersSerializer(AnswerSerializer):
    numbers = SuggestedNumberSerializer(many=True)
