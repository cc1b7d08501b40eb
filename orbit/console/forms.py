"""Forms of the console, made from the API's own serializers and judged by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Model

from messaging.credentials.rotation_serializers import RotateSerializer
from messaging.credentials.serializers import CredentialPatchSerializer
from messaging.optimistic_locking import changed_meanwhile
from orbit.api.errors import ApiError
from orbit.api.serializers import StrictSerializer
from orbit.console.form_fields import choice, form_fields, secret, switch
from orbit.console.permissions import perform


def sentences(faults: Any) -> list[str]:
    """What a serializer says of a field; that of a list says it of each place."""
    if isinstance(faults, Mapping):
        faults = [said for each in faults.values() for said in sentences(each)]
    return [str(fault) for fault in faults]


class SerializedForm(forms.Form):
    """The fields that `serializer` has on forms, and those of the class.

    What `body` makes of them is judged by `serializer`; `values` is what it passed.
    """

    serializer: ClassVar[type[StrictSerializer]]
    partial: ClassVar[bool] = False
    values: dict[str, Any]

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        made = form_fields(self.serializer.shared(partial=self.partial))
        self.fields = made | self.fields  # a form's own ones win

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was filled in."""
        return {name: value for name, value in cleaned.items() if value not in ("", None)}

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
        """Put faults where the field is, or above the form if there is none of that name. Of an
        entry of a list (`backups[1].host`) it is the list's."""
        root = (name or "").partition("[")[0]
        self.add_error(root if root in self.fields else None, faults)

    def carries_out(self, effect: Callable[[], object]) -> bool:
        """Run a service in a transaction of its own. What refuses it becomes a fault of the form,
        and the answer false."""
        try:
            perform(effect)
        except ApiError as error:
            self.refuse((error.details or {}).get("field"), error.message)
            return False
        return True


class ChangeForm(SerializedForm):
    """Of a row with a version: only what differs is sent on, and to the version that was shown."""

    partial = True

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, row: Model, data: Any = None) -> None:
        super().__init__(data, initial={**self.serializer.written(row), "version": row.version})

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: cleaned[name] for name in self.changed_data if name != "version"}

    def check(self, row: Model) -> None:
        """Raises INVALID_STATE if the row was written meanwhile; it is locked."""
        if row.version != self.cleaned_data["version"]:
            raise changed_meanwhile(row)


class CredentialForm(ChangeForm):
    """What an operator changes of a credential."""

    serializer = CredentialPatchSerializer


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
