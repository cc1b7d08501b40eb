"""Where Django looks for the console's pages; a noun that is only shown keeps its own."""

from __future__ import annotations

from messaging.access.admin import AccessAdmin

__all__ = ["AccessAdmin"]
