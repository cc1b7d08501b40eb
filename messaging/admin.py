"""Where Django looks for the console's pages; each noun keeps its own."""

from __future__ import annotations

from messaging.access.admin import AccessAdmin
from messaging.carriers.admin import CarrierAdmin
from messaging.credentials.admin import CredentialAdmin
from messaging.pools.admin import SenderPoolAdmin

__all__ = ["AccessAdmin", "CarrierAdmin", "CredentialAdmin", "SenderPoolAdmin"]
