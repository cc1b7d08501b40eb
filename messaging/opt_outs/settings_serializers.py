"""Each field of the settings once: for bodies, answers and OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.opt_outs import scopes, words
from messaging.opt_outs.models import OptOutSettings
from messaging.serializer_fields import CheckedText, Reference, SmsText
from orbit.api.answers import ResourceSerializer

MAX_KEYWORDS = 50  # of a kind
MAX_POOLS = 50
_OWN_WORDS = f"at most {MAX_KEYWORDS} words or short phrases of your own, beside the standard ones"


class RepliesSerializer(ResourceSerializer):
    """The answers by kind of keyword; null: the standard text."""

    stop = SmsText(required=False, allow_null=True, help_text="confirms an opt-out")
    start = SmsText(required=False, allow_null=True, help_text="confirms an opt-in")
    help = SmsText(required=False, allow_null=True, help_text="answers HELP")


class RepliesOfLanguageSerializer(RepliesSerializer):
    language = serializers.ChoiceField(words.LANGUAGES, help_text="ISO 639-1")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        return {"language": fields.pop("language"), **fields}


class OwnWords(serializers.ListField):
    """Words that count as well."""

    def __init__(self, **options: Any) -> None:
        child = CheckedText(
            words.checked,
            openapi={"format": "opt-out-word", "maxLength": words.MAX_WORD},
            max_length=words.MAX_WORD,
        )
        options = {"required": False, "max_length": MAX_KEYWORDS, "help_text": _OWN_WORDS} | options
        super().__init__(child=child, **options)


class KeywordsSerializer(ResourceSerializer):
    stop = OwnWords()
    start = OwnWords()
    help = OwnWords()


class KeywordsOfPoolSerializer(ResourceSerializer):
    sender_pool_id = Reference(help_text="one of your sender pools: for texts to its senders")
    stop = OwnWords()
    start = OwnWords()
    help = OwnWords()


class _Each(serializers.ListField):
    """A list whose entries are checked by themselves: as a part of a PATCH they would miss nothing
    that is required. Each has another value of `name`."""

    name = ""
    most = 0

    def to_internal_value(self, data: Any) -> dict[str, dict[str, Any]]:
        if len(data) > self.most:
            raise serializers.ValidationError(f"At most {self.most} entries are taken.")
        one = type(self.child)()
        found: dict[str, dict[str, Any]] = {}
        faults: dict[int, Any] = {}
        for place, each in enumerate(data):
            try:
                values = dict(one.run_validation(each))
            except serializers.ValidationError as error:
                faults[place] = error.detail
                continue
            if (key := values.pop(self.name)) in found:
                faults[place] = {self.name: ["It is in the list already."]}
            found[key] = values
        if faults:
            raise serializers.ValidationError(faults)
        return found

    def to_representation(self, stored: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        names = [name for name in type(self.child)().fields if name != self.name]
        return [
            {self.name: key, **{name: self.filled(values.get(name)) for name in names}}
            for key, values in stored.items()
        ]

    def filled(self, value: Any) -> Any:
        return value


class RepliesByLanguage(_Each):
    name = "language"
    child = RepliesOfLanguageSerializer()
    most = len(words.LANGUAGES)
    openapi = {"format": "replies-by-language", "maxItems": most}


class Pools(_Each):
    name = "sender_pool_id"
    child = KeywordsOfPoolSerializer()
    most = MAX_POOLS
    openapi = {"format": "pool-keywords", "maxItems": most}

    def filled(self, value: Any) -> Any:
        return value or []


class OptOutSettingsSerializer(ResourceSerializer):
    """The body of PATCH, and the answer."""

    enabled = serializers.BooleanField(
        required=False,
        help_text="true (default), or false: texts are not read, you keep the list yourself. What "
        "is on it gets nothing in either case",
    )
    scope = serializers.ChoiceField(
        (scopes.ORGANIZATION, scopes.POOL, scopes.SENDER),
        required=False,
        help_text="what STOP ends: all your messages (organization, default), those of the pools "
        "of the sender that was written to (pool), or that sender's alone (sender)",
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField(words.LANGUAGES),
        required=False,
        max_length=len(words.LANGUAGES),
        help_text="whose words count and which are answered in, ISO 639-1; [] (default): those of "
        "the number's country. STOP and other words that count everywhere always do",
    )
    replies = RepliesSerializer(
        required=False, help_text="what is answered; null (default): a standard text in the "
        "person's language. What is left out stays as it is",
    )  # fmt: skip
    replies_by_language = RepliesByLanguage(
        required=False, help_text="the same for one language, which comes first"
    )
    keywords = KeywordsSerializer(
        required=False, help_text="words of your own. What is left out stays as it is"
    )
    pools = Pools(
        required=False, help_text=f"words that count for texts to a pool's senders, of at most "
        f"{MAX_POOLS} pools",
    )  # fmt: skip
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def represent_replies(self, row: OptOutSettings) -> dict[str, Any]:
        return {kind: row.replies.get(kind) for kind in words.KINDS}

    def represent_keywords(self, row: OptOutSettings) -> dict[str, Any]:
        return {kind: row.keywords.get(kind, []) for kind in words.KINDS}
