"""Each field of a quality report."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.carriers.demotions import Level, QualityMode
from messaging.numbers import SenderType
from messaging.quality.faults import Fault
from messaging.quality.models import CarrierStanding, QualityMove
from messaging.quality.outcomes import Outcome
from messaging.quality.report import QUARTER, WINDOWS, Report, Row
from orbit.api.answers import AnswerSerializer
from orbit.api.query_params import QuerySerializer

LEVELS = [each.value for each in Level]


class QualityQuery(QuerySerializer):
    window = serializers.ChoiceField(
        list(WINDOWS), default=QUARTER, help_text="15m (default) or 24h"
    )


class ReceiptSecondsSerializer(AnswerSerializer):
    """Quantiles of a `Row`'s receipt delays, as upper edges of their buckets."""

    median = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class FailureCodeSerializer(AnswerSerializer):
    outcome = serializers.ChoiceField([Outcome.UNDELIVERED.value, Outcome.REFUSED.value])
    code = serializers.CharField(help_text="as `error.code` of a message, or the SMPP status")
    carrier_code = serializers.CharField(help_text="as the carrier writes it in its receipts")
    count = serializers.IntegerField()
    fault = serializers.ChoiceField(
        [each.value for each in Fault],
        help_text="number and busy do not count against the carrier",
    )
    meaning = serializers.CharField()


class QualityRowSerializer(AnswerSerializer):
    """A `Row`: accepted messages by outcome, and refused submits."""

    country = serializers.CharField(help_text="`` for numbers without a country")
    sender = serializers.ChoiceField(
        ["*", *(each.value for each in SenderType)], help_text="* for all kinds of senders together"
    )
    level = serializers.ChoiceField(LEVELS)
    accepted = serializers.IntegerField(source="figures.accepted")
    delivered = serializers.IntegerField(source="figures.delivered")
    undelivered = serializers.IntegerField(source="figures.undelivered")
    number_faults = serializers.IntegerField(
        source="figures.number", help_text="not delivered, by a fault of the number"
    )
    no_receipt = serializers.IntegerField(help_text="none yet, or given up")
    refused = serializers.IntegerField(source="figures.refused")
    refused_busy = serializers.IntegerField(
        source="figures.busy", help_text="the carrier's queue was full, or more came than it takes"
    )
    refused_number = serializers.IntegerField(source="figures.refused_number")
    delivery_rate = serializers.FloatField(allow_null=True, help_text="percent of `sample`")
    delivery_rate_bounds = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="between which the real rate is, with so many samples",
    )
    sample = serializers.IntegerField(help_text="messages that tell of the carrier")
    receipt_seconds = ReceiptSecondsSerializer(source="*")
    suspicious = serializers.CharField(
        allow_null=True, help_text="why its receipts may not be true; null: nothing says so"
    )
    converted = serializers.IntegerField(source="figures.converted")
    not_converted = serializers.IntegerField(source="figures.not_converted")
    codes = FailureCodeSerializer(many=True)

    def represent_suspicious(self, row: Row) -> str | None:
        return row.suspicious or None


class EvidenceSerializer(AnswerSerializer):
    """Evidence as stored JSON."""

    delivered = serializers.IntegerField()
    sample = serializers.IntegerField()
    rate = serializers.FloatField()


class StandingSerializer(AnswerSerializer):
    country = serializers.CharField()
    level = serializers.ChoiceField(LEVELS)
    since = serializers.DateTimeField()
    probing = serializers.BooleanField(help_text="some messages find it in its own place")
    evidence = EvidenceSerializer()

    def represent_probing(self, standing: CarrierStanding) -> bool:
        return standing.probing_since is not None

    def represent_evidence(self, standing: CarrierStanding) -> dict[str, Any]:
        return _evidence(standing.evidence)


class MoveSerializer(AnswerSerializer):
    country = serializers.CharField()
    before = serializers.ChoiceField(LEVELS)
    after = serializers.ChoiceField(LEVELS)
    quality_mode = serializers.ChoiceField([each.value for each in QualityMode], source="mode")
    at = serializers.DateTimeField()
    evidence = EvidenceSerializer()

    def represent_evidence(self, move: QualityMove) -> dict[str, Any]:
        return _evidence(move.evidence)


class QualitySerializer(AnswerSerializer):
    """A `Report`."""

    carrier_id = serializers.CharField(source="carrier.pk")
    quality_mode = serializers.ChoiceField(
        [each.value for each in QualityMode], source="carrier.quality_mode"
    )
    window = serializers.ChoiceField(list(WINDOWS))
    has_receipts = serializers.BooleanField(
        help_text="false: it sent none in 24 hours, and is judged by its answers"
    )
    rows = QualityRowSerializer(many=True)
    standings = StandingSerializer(many=True, help_text="where it delivers too little now")
    moves = MoveSerializer(many=True, help_text="the last 20, newest first")

    def represent_has_receipts(self, report: Report) -> bool:
        return any(each.receipts.exist for each in report.rows)


class RouteQualitySerializer(AnswerSerializer):
    """A `Row` for one country: the numbers behind a carrier's position there."""

    delivery_rate = serializers.FloatField(allow_null=True, help_text="percent of `sample`")
    sample = serializers.IntegerField()
    receipt_seconds = ReceiptSecondsSerializer(source="*")
    refused = serializers.IntegerField(source="figures.refused")
    suspicious = serializers.CharField(allow_null=True)

    def represent_suspicious(self, row: Row) -> str | None:
        return row.suspicious or None


def _evidence(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored.get(name, 0) for name in ("delivered", "sample", "rate")}
