from __future__ import annotations

from django.db import models

from messaging.credentials.models import Credential


class ConnectorRecord(models.Model):
    """What the reconciler keeps of a credential's connector between passes.

    - `address`: the checked address that Jasmin was given for `host`; it never gets the name.
    - `failures`, `held`, `retry_at`: backoff of a bind that does not come up. A held connector
      is stopped, so that Jasmin does not try to bind every ten seconds for ever.
    - `version`: the credential's `bind_version` that failed; a changed one starts afresh.
    - `diagnosis`: why the bind is down, in words.
    """

    credential = models.OneToOneField(
        Credential, on_delete=models.CASCADE, primary_key=True, related_name="connector_record"
    )
    host = models.CharField(max_length=253, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    version = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    held = models.BooleanField(default=False)
    retry_at = models.DateTimeField(null=True)
    diagnosis = models.TextField(blank=True, default="")

    class Meta:
        db_table = "reconciler_trunk"

    def __str__(self) -> str:
        return f"connector of {self.credential_id}"

    @classmethod
    def of(cls, credential: Credential) -> ConnectorRecord:
        """Return that of the credential; a new one, not saved, if there is none yet."""
        try:
            return credential.connector_record
        except cls.DoesNotExist:
            return cls(credential=credential)

    def holds(self, credential: Credential) -> bool:
        """Whether the bind is held back. Not where people have changed something that the carrier
        would see."""
        return self.held and self.version == credential.bind_version
