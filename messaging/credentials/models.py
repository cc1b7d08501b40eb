from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from orbit.accounts.models import Organization
from orbit.db.fields import EncryptedTextField
from orbit.ids import id_factory, new_gateway_key

DEFAULT_PORT = 2775


def default_addressing() -> dict:
    """[TON, NPI] (SMPP 3.4 §5.2.5, §5.2.6) by type of sender, and of the destination.

    `plus`: whether the carrier wants a `+` before international numbers.
    """
    return {
        "long_code": [1, 1],
        "short_code": [3, 0],
        "alphanumeric": [5, 0],
        "destination": [1, 1],
        "plus": False,
    }


def new_gateway_password() -> str:
    """Password of the credential's own user in Jasmin: 16 characters, never shown."""
    return secrets.token_hex(8)


class BindType(models.TextChoices):
    TRANSCEIVER = "transceiver"
    TRANSMITTER = "transmitter"
    RECEIVER = "receiver"
    TRANSMITTER_RECEIVER = "transmitter_receiver"  # a pair: one of each


def sessions_of(bind_type: str) -> int:
    """How many binds at the carrier one of this type is."""
    return 2 if bind_type == BindType.TRANSMITTER_RECEIVER else 1


class MessageIdFormat(models.TextChoices):
    """How receipts write the id that submit_sm_resp gave."""

    SAME = "same"
    RECEIPT_DECIMAL = "receipt_decimal"
    RECEIPT_HEX = "receipt_hex"


class TlsVerify(models.TextChoices):
    """Which checks the carrier's certificate has to pass."""

    FULL = "full"  # its chain and its name
    NONE = "none"


class InboundCharset(models.TextChoices):
    """What data_coding 0, the SMSC's default alphabet, means on texts of phones."""

    GSM7 = "gsm7"
    LATIN1 = "latin1"
    UCS2 = "ucs2"
    ASCII = "ascii"


class CredentialQuerySet(models.QuerySet):
    def live(self) -> CredentialQuerySet:
        """Credentials that are not deleted."""
        return self.filter(deleted_at=None)


class Credential(models.Model):
    """An organisation's SMPP account at a carrier, and the settings of its bind.

    Deleting sets `deleted_at`; the row goes once the gateway has dropped its connector.
    """

    id = models.CharField(
        max_length=40, primary_key=True, default=id_factory("cred"), editable=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="credentials"
    )
    # cid of its connector in Jasmin; uid and username of its own user there
    gateway_key = models.CharField(
        max_length=16, unique=True, default=new_gateway_key, editable=False
    )
    gateway_password = EncryptedTextField(default=new_gateway_password, editable=False)

    name = models.CharField(max_length=64)
    host = models.CharField(max_length=253)  # normalised: lower case, no trailing dot
    port = models.PositiveIntegerField(default=DEFAULT_PORT)
    system_id = models.CharField(max_length=15)
    system_type = models.CharField(max_length=12, default="", blank=True)
    bind_type = models.CharField(
        max_length=20, choices=BindType.choices, default=BindType.TRANSCEIVER
    )
    binds = models.PositiveSmallIntegerField(default=1)  # side by side; of pairs, so many pairs
    # [{host, port}]: further hosts of the same account, in the order in which they are tried
    backups = models.JSONField(default=list)
    tls = models.BooleanField(default=False)
    tls_verify = models.CharField(max_length=4, choices=TlsVerify.choices, default=TlsVerify.FULL)
    # PEM of authorities, of our certificate and of its key. Null: the system's authorities, the
    # host's own name, no certificate.
    tls_ca = models.TextField(default=None, null=True)
    tls_server_name = models.CharField(max_length=253, default=None, null=True)
    tls_certificate = models.TextField(default=None, null=True)
    tls_key = EncryptedTextField(default=None, null=True)
    throughput = models.PositiveIntegerField(default=50, null=True)  # messages/s; null = no limit
    window = models.PositiveIntegerField(default=10)  # submits in flight
    enquire_link_interval = models.PositiveIntegerField(default=30)  # seconds
    max_binds = models.PositiveIntegerField(default=None, null=True)  # null = unknown
    message_id_format = models.CharField(
        max_length=16, choices=MessageIdFormat.choices, default=MessageIdFormat.SAME
    )
    gsm_data_coding = models.PositiveSmallIntegerField(default=0)
    inbound_charset = models.CharField(
        max_length=6, choices=InboundCharset.choices, default=InboundCharset.GSM7
    )
    inbound_parts_timeout = models.PositiveIntegerField(default=900)  # s, of parts for the others
    tlvs = models.JSONField(default=list)  # [{tag, type, value}], on every submit
    bind_ton = models.PositiveSmallIntegerField(default=0)
    bind_npi = models.PositiveSmallIntegerField(default=0)
    address_range = models.CharField(max_length=40, default="", blank=True)
    addressing = models.JSONField(default=default_addressing)
    enabled = models.BooleanField(default=True)

    password = EncryptedTextField()
    password_set_at = models.DateTimeField()
    password_revealed_at = models.DateTimeField(null=True)
    # Generated by a rotation, not yet known to the carrier, not yet used by the bind.
    staged_password = EncryptedTextField(null=True)
    staged_at = models.DateTimeField(null=True)
    staged_revealed_at = models.DateTimeField(null=True)

    # Grows with every write: compare-and-set for rotations, PATCH and the pass's "synced".
    version = models.PositiveIntegerField(default=1)
    # Grows with every write that the gateway has to follow (a new name is not one).
    gateway_version = models.PositiveIntegerField(default=1, editable=False)
    # Grows with what the carrier sees of a bind (`sync.BIND_FIELDS`): a bind that was refused is
    # tried at once after such a change, and after no other.
    bind_version = models.PositiveIntegerField(default=1, editable=False)
    # The `bind_version` that the carrier has last taken, and who is counted for binds of one that
    # it has not (`gateway_binds`).
    proven_version = models.PositiveIntegerField(default=0, editable=False)
    bind_caller = models.CharField(max_length=100, default="", blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "host", "port", "system_id", "bind_type"],
                condition=Q(deleted_at=None),
                name="one_live_credential_an_account",
            ),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535), name="credential_port_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def observed(self) -> CredentialStatus:
        """Its CredentialStatus; before the first pass, a blank one."""
        return getattr(self, "status", None) or CredentialStatus(
            credential=self, sync_state=SyncState.PENDING, bind_state=BindState.UNKNOWN
        )

    @property
    def sessions_wanted(self) -> int:
        """How many binds the carrier is to see: a pair is two."""
        return self.binds * sessions_of(self.bind_type)

    @property
    def bind_types(self) -> tuple[str, ...]:
        """The binds of SMPP that it is made of, the one that sends first."""
        if self.bind_type == BindType.TRANSMITTER_RECEIVER:
            return BindType.TRANSMITTER.value, BindType.RECEIVER.value
        return (str(self.bind_type),)

    @property
    def hosts(self) -> list[tuple[str, int]]:
        """Host and port of all places where it may be bound, the first choice first."""
        backups = [(each["host"], each["port"]) for each in self.backups]
        return [(self.host, self.port), *backups]


class SyncState(models.TextChoices):
    PENDING = "pending"
    SYNCED = "synced"
    ERROR = "error"


class BindState(models.TextChoices):
    BOUND = "bound"
    BINDING = "binding"
    UNBOUND = "unbound"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class CredentialStatus(models.Model):
    """What the gateway does with a credential, as last observed by the reconciler, which writes it.

    A write of the credential sets it back to "pending"; disabling it sets the bind to "disabled",
    enabling it to "unknown" (`credentials.sync`). Nothing else on this side writes it.
    """

    credential = models.OneToOneField(
        Credential, on_delete=models.CASCADE, primary_key=True, related_name="status"
    )
    gateway_id = models.CharField(max_length=40, default="", blank=True)
    sync_state = models.CharField(
        max_length=8, choices=SyncState.choices, default=SyncState.PENDING
    )
    sync_error = models.TextField(default="", blank=True)
    # Whether the error is only that something is left out: else the gateway has it as wanted.
    left_out = models.BooleanField(default=False)
    synced_at = models.DateTimeField(null=True)
    bind_state = models.CharField(
        max_length=8, choices=BindState.choices, default=BindState.UNKNOWN
    )
    bind_since = models.DateTimeField(null=True)
    bind_error = models.TextField(default="", blank=True)
    # Whether the bind, when last seen up, had checked the carrier's certificate.
    tls_verified = models.BooleanField(default=False)
    # How many of its binds are up, and all of them as the API answers them (`sessions`).
    bound = models.PositiveSmallIntegerField(default=0)
    sessions = models.JSONField(default=list)
    # Whether it is bound and more of its binds are on their way: a push looks again.
    settling = models.BooleanField(default=False)
    # {host: address} of its backups: the checked addresses that the gateway was given.
    backup_addresses = models.JSONField(default=dict)
    observed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "credential statuses"

    def __str__(self) -> str:
        return f"{self.sync_state}, {self.bind_state}"
