"""Routes under /v1 that belong to accounts; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

urlpatterns: list = []
