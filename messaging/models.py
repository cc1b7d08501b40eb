"""Where Django looks for models; each noun keeps its own."""

from __future__ import annotations

from messaging.credentials.models import Credential, CredentialStatus

__all__ = ["Credential", "CredentialStatus"]
