"""The OpenAPI description of a carrier's quality."""

from __future__ import annotations

from messaging.carriers.documentation import ID
from messaging.quality.faults import Fault
from messaging.quality.outcomes import Outcome
from messaging.quality.serializers import QualitySerializer
from orbit.api.schema import documented

_EVIDENCE = {"delivered": 1210, "sample": 3000, "rate": 40.3}
_EXAMPLE = {
    "carrier_id": ID,
    "quality_mode": "enforce",
    "window": "15m",
    "has_receipts": True,
    "rows": [
        {
            "country": "FR",
            "sender": "*",
            "level": "critical",
            "accepted": 3112,
            "delivered": 1210,
            "undelivered": 1790,
            "number_faults": 112,
            "no_receipt": 0,
            "refused": 0,
            "refused_busy": 12,
            "refused_number": 3,
            "delivery_rate": 40.3,
            "delivery_rate_bounds": [38.6, 42.1],
            "sample": 3000,
            "receipt_seconds": {"median": 4.0, "p95": 20.0},
            "suspicious": None,
            "converted": 0,
            "not_converted": 0,
            "codes": [
                {
                    "outcome": Outcome.UNDELIVERED.value,
                    "code": "UNDELIV",
                    "carrier_code": "069",
                    "count": 1790,
                    "fault": Fault.CARRIER.value,
                    "meaning": "",
                }
            ],
        }
    ],
    "standings": [
        {
            "country": "FR",
            "level": "critical",
            "since": "2026-03-08T12:00:00Z",
            "probing": False,
            "evidence": _EVIDENCE,
        }
    ],
    "moves": [
        {
            "country": "FR",
            "before": "healthy",
            "after": "critical",
            "quality_mode": "enforce",
            "at": "2026-03-08T12:00:00Z",
            "evidence": _EVIDENCE,
        }
    ],
}

get = documented(
    summary="Get what a carrier really delivers",
    description="By country and kind of sender, over 15 minutes or 24 hours. Only messages count "
    "that are older than the time in which 95 % of its receipts come. A fault of the number does "
    "not count against it, nor does that it is busy; of one that never sends receipts only its "
    "answers count. With `quality_mode` `advise` or `enforce` it is `warn` or `critical` where it "
    "delivers too little: enforced, `warn` stands one place back and `critical` behind all healthy "
    "carriers. After a pause a few messages try it, and it comes back once these arrive.",
    answer=QualitySerializer,
    errors=["NOT_FOUND"],
    example=_EXAMPLE,
)
