"""Amounts of money, which are decimal strings wherever people see them. Pure."""

from __future__ import annotations

from decimal import Decimal


def as_text(amount: Decimal) -> str:
    """Digits without an exponent and without zeros that say nothing: `0.0045`, `10`, `0`."""
    return format(amount.normalize(), "f")
