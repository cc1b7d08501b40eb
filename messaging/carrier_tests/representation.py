"""How a test is answered."""

from __future__ import annotations

from messaging.carrier_tests.serializers import CarrierTestAnswerSerializer

represent = CarrierTestAnswerSerializer.represent
