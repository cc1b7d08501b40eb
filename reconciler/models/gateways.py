from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.db import models

from orbit.accounts.models import Organization
from orbit.db.fields import EncryptedTextField, fault
from orbit.ids import id_factory


class GatewayState(models.TextChoices):
    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


class GatewayMode(models.TextChoices):
    """What people, or the loss of the gateway, have made of it; `GatewayState` is what is seen."""

    ACTIVE = "active"
    DRAINING = "draining"  # it takes no new messages, and its organisations go to others
    LOST = "lost"  # its organisations were taken over by others; it is not trusted when it is back


class Gateway(models.Model):
    """One Jasmin: where its console, HTTP API and broker are, and its state when last seen."""

    id = models.CharField(max_length=40, primary_key=True, default=id_factory("gw"), editable=False)
    name = models.CharField(max_length=64, unique=True)
    jcli_host = models.CharField(max_length=253)
    jcli_port = models.PositiveIntegerField(default=8990)
    jcli_username = models.CharField(max_length=64)
    jcli_password = EncryptedTextField()
    http_url = models.URLField()  # http://HOST:PORT
    # The RabbitMQ of a stock Jasmin, to see whether it still consumes; without it a zombie is found
    # late. Behind our launcher a gateway has none.
    amqp_url = EncryptedTextField(blank=True, default="")
    # Its SMPP server as organisations' own platforms reach it; "" = not known.
    smpp_host = models.CharField(max_length=253, blank=True, default="")
    smpp_port = models.PositiveIntegerField(default=2775)
    enabled = models.BooleanField(default=True)
    # A label such as a site's name: organisations with the same one are placed here.
    region = models.CharField(max_length=32, blank=True, default="")

    mode = models.CharField(
        max_length=8, choices=GatewayMode.choices, default=GatewayMode.ACTIVE, editable=False
    )
    mode_since = models.DateTimeField(null=True, editable=False)
    mode_reason = models.CharField(max_length=200, blank=True, default="", editable=False)
    # Whether it gets no new messages: it is lost, or drained and what can leave it has left.
    # `told_closed`: its process may have been told so (`gateway_api.DRAIN`).
    closed = models.BooleanField(default=False, editable=False)
    told_closed = models.BooleanField(default=False, editable=False)
    # Since when no look has found it up, by the database's clock; looks that were missing in
    # between do not count. None: the last one found it up.
    away_since = models.DateTimeField(null=True, editable=False)

    state = models.CharField(
        max_length=8, choices=GatewayState.choices, default=GatewayState.UNKNOWN, editable=False
    )
    state_since = models.DateTimeField(null=True, editable=False)
    state_reason = models.TextField(blank=True, default="", editable=False)
    # Whether a probe (gateway_probe.py) sees the fault without a pass, and so may clear it.
    shown_by_looks = models.BooleanField(default=False, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    jasmin_version = models.CharField(max_length=32, blank=True, default="", editable=False)
    # The version and capabilities of our launcher (jasmin/capabilities.py); "" and [] without it.
    launcher_version = models.CharField(max_length=32, blank=True, default="", editable=False)
    capabilities = models.JSONField(default=list, blank=True, editable=False)
    # When this Jasmin process started; another value means that it was restarted.
    epoch = models.CharField(max_length=64, blank=True, default="", editable=False)
    # Foreign routes that use our orders or connectors, in words; they are left alone.
    conflicts = models.JSONField(default=list, blank=True, editable=False)
    # What the last pass could not do, an entry an organisation (status/gateway_faults.py).
    faults = models.JSONField(default=list, blank=True, editable=False)
    last_pass_at = models.DateTimeField(null=True, editable=False)
    # Set before the first change of a pass, cleared once Jasmin has persisted: a killed pass
    # must not leave changes that Jasmin forgets at its next start.
    unpersisted = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def without_addresses(self, reason: str) -> str:
        """Return a `state_reason` without addresses, of this gateway or any: only operators see
        those. What is left says which part is away, and how."""
        hosts = {self.jcli_host, urlsplit(self.http_url).hostname, self.smpp_host}
        if not fault(self, "amqp_url"):  # unreadable: its broker was never asked
            hosts.add(urlsplit(self.amqp_url).hostname)
        names = "|".join(re.escape(host) for host in sorted(filter(None, hosts), key=len)[::-1])
        own = rf"(?<![\w.-])\[?(?:{names})\]?(?::\d+)?(?![\w-]|\.\w)"
        for pattern in (*_ADDRESSES, own) if names else _ADDRESSES:
            reason = re.sub(rf"(?:\s*\bat)?\s*[('\"]*{pattern}[)'\"]*", "", reason)
        return reason


_ADDRESSES = (
    r"\b\w+://[^\s'\",)]*[^\s'\",):.]",  # a URL
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",  # IPv4
    r"\[?(?<![\w:])[0-9a-fA-F:]*::[0-9a-fA-F:.]*(?:\]:\d+|\])?",  # IPv6, in its short form
    r"\[?(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?:\]:\d+|\])?",
    r"\b(?=[\d.-]*[A-Za-z])[\w-]+(?:\.[\w-]+)*:\d{2,5}\b",  # a name with a port
)


class Placement(models.Model):
    """The gateway of an organisation.

    While it moves, since `moving_since`, `leaving` is the old one: both have it until it has
    arrived on the new one (`placements.arrive`). `region`: label of the gateways that it may be
    placed on; "" = any.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, primary_key=True, related_name="placement"
    )
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="placements")
    leaving = models.ForeignKey(
        Gateway, on_delete=models.SET_NULL, null=True, blank=True, related_name="departures"
    )
    moving_since = models.DateTimeField(null=True, editable=False)
    region = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        verbose_name = "organisation on a gateway"
        verbose_name_plural = "organisations on gateways"

    def __str__(self) -> str:
        return f"{self.organization} on {self.gateway}"
