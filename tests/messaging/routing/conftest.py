"""Callers, pools and carriers: as those of pools have them."""

from __future__ import annotations

from tests.messaging.pools.conftest import _new_counters, api, carriers, stranger

__all__ = ["_new_counters", "api", "carriers", "stranger"]
