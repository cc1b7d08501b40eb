"""Forms of the console: fields in unfold's look, judged by the API's own serializers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from messaging.credentials.models import BindType, MessageIdFormat, TlsVerify
from messaging.credentials.serializers import CredentialPatchSerializer, RotateSerializer
from messaging.optimistic_locking import changed_meanwhile
from orbit.api.serializers import StrictSerializer
from orbit.console.credentials.fields import Pem, TlvLines


def text(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    options = {"required": False, "strip": False, "widget": UnfoldAdminTextInputWidget} | options
    return forms.CharField(label=label, help_text=help_text, **options)


def secret(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"})
    return text(label, help_text, widget=widget, **options)


def number(label: str, help_text: str = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=required, widget=UnfoldAdminIntegerFieldWidget
    )


def switch(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(
        label=label, help_text=help_text, required=False, widget=UnfoldBooleanWidget
    )


def choice(label: str, choices: Any, help_text: str = "", **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, help_text=help_text, widget=UnfoldAdminSelectWidget, **options
    )


def sentences(faults: Any) -> list[str]:
    """What a serializer says of a field; that of a list says it of each place."""
    if isinstance(faults, Mapping):
        faults = [said for each in faults.values() for said in sentences(each)]
    return [str(fault) for fault in faults]


class SerializedForm(forms.Form):
    """What `body` makes of the fields is judged by `serializer`; `values` is what it passed."""

    serializer: ClassVar[type[StrictSerializer]]
    partial: ClassVar[bool] = False
    values: dict[str, Any]

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        judged = self.serializer(data=self.body(cleaned), partial=self.partial)
        if judged.is_valid():
            self.values = dict(judged.validated_data)
        for name, faults in judged.errors.items():
            self.blame(name, faults)
        return cleaned

    def blame(self, name: str, faults: Any) -> None:
        """Show what the serializer says of a field."""
        self.refuse(name, sentences(faults))

    def refuse(self, name: str | None, faults: Any) -> None:
        """Put faults where the field is, or above the form if there is none of that name."""
        self.add_error(name if name in self.fields else None, faults)


class ChangeForm(SerializedForm):
    """Of a row with a version: only what differs is sent on, and to the version that was shown."""

    partial = True

    version = forms.IntegerField(widget=forms.HiddenInput)

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: cleaned[name] for name in self.changed_data if name != "version"}

    def check(self, row: Model) -> None:
        """Raises INVALID_STATE if somebody wrote the row meanwhile; it is locked."""
        if row.version != self.cleaned_data["version"]:
            raise changed_meanwhile(row)


class CredentialForm(ChangeForm):
    """What an operator changes of a credential."""

    serializer = CredentialPatchSerializer
    SECRETS: ClassVar[tuple[str, ...]] = ("current_password", "tls_key")  # shown in no page

    name = text("Name", required=True)
    host = text("Host", "A public DNS name or IP address.", required=True)
    port = number("Port")
    tls = switch("TLS")
    tls_verify = choice(
        "Carrier's certificate",
        (
            (TlsVerify.FULL, "Its chain and its name are checked"),
            (TlsVerify.NONE, "Not checked"),
        ),
    )
    tls_ca = Pem("Authorities", "PEM; empty: those of the system.")
    tls_server_name = text(
        "Name in the certificate", "Empty: the host.", max_length=253, empty_value=None
    )
    tls_certificate = Pem(
        "Own certificate",
        "PEM, for carriers that ask for one; those that issued it behind it. Empty: none, and its "
        "key goes too.",
    )
    tls_key = Pem(
        "Key of the own certificate",
        "PEM without a passphrase. It is never shown; empty: as it is.",
        is_secret=True,
    )
    system_type = text("System type")
    bind_type = choice("Bind type", BindType.choices)
    throughput = number("Throughput", "Messages a second; empty: no limit.", required=False)
    window = number("Window", "Submits in flight.")
    enquire_link_interval = number("Enquire link", "Seconds between two enquire_link.")
    max_binds = number("Binds that the carrier allows", "Empty: unknown.", required=False)
    message_id_format = choice("Message ids in receipts", MessageIdFormat.choices)
    tlvs = TlvLines("TLVs", "On every submit, a line for each: 0x1400 cstring 1101234560000012345")
    current_password = secret(
        "Current password",
        "Host, port, TLS, and whose certificate is believed say where the stored password goes: to "
        "change them, an operator who may not reveal it has to know it.",
    )


class RotateForm(SerializedForm):
    """One of the four orders of a rotation."""

    serializer = RotateSerializer
    KINDS = (
        ("switch", "Use the password below, which the carrier knows already"),
        ("stage", "Generate one and stage it: traffic keeps the old one"),
        ("activate", "Use the staged password"),
        ("discard", "Drop the staged password"),
    )

    kind = choice("What to do", KINDS)
    password = secret("New password", "1–16 characters; only to use it at once.")
    skip_trial = switch("Without a trial bind", "Switch without asking the carrier.")
    force = switch("Trial bind even beside the only one", "It may disturb live traffic.")

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        kind = cleaned["kind"]
        options = {"verify": not cleaned["skip_trial"], "force": cleaned["force"]}
        return {
            "switch": {"password": cleaned["password"], **options},
            "stage": {},
            "activate": {"activate": True, **options},
            "discard": {"discard": True},
        }[kind]


class RevealForm(forms.Form):
    """The operator's own password, once more."""

    own_password = secret("Your own password", "Of this account, not the carrier's.", required=True)
