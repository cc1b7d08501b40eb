"""Amounts of money as decimal strings. Pure."""

from __future__ import annotations

from decimal import Decimal


def as_text(amount: Decimal) -> str:
    """Digits without an exponent and trailing zeros: `0.0045`, `10`, `0`."""
    return format(amount.normalize(), "f")
