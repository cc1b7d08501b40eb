"""The form of a sender pool with its members, judged as a whole by the API's serializer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from django import forms
from django.http import QueryDict

from messaging.carriers.models import Carrier
from messaging.pools.models import PoolMember, SenderPool
from messaging.pools.serializers import PoolSerializer
from messaging.routing.serializers import PreviewQuery
from orbit.console.forms import ChangeForm, SerializedForm, sentences

ROW = "row"  # the name under which the page sends the prefix of each row
_BLANK = 2  # rows that wait for new members


class MemberForm(forms.Form):
    """A row. `position` says where it comes; one that was added and has no sender counts not."""

    position = forms.IntegerField(required=False)
    sender = forms.CharField(required=False)
    weight = forms.IntegerField(required=False)
    countries = forms.CharField(required=False)
    enabled = forms.BooleanField(required=False)
    remove = forms.BooleanField(required=False)

    @property
    def is_new(self) -> bool:
        return self.prefix.startswith("new")

    @property
    def counts(self) -> bool:
        given = self.cleaned_data
        return not given["remove"] and not (self.is_new and not given["sender"])

    def body(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "sender": given["sender"],
            "weight": 1 if given["weight"] is None else given["weight"],
            "countries": re.findall(r"[^\s,]+", given["countries"]),
            "enabled": given["enabled"],
        }


def blank_row() -> MemberForm:
    return MemberForm(prefix=f"new{token_hex(4)}", initial={"weight": 1, "enabled": True})


def stored_rows(members: Sequence[PoolMember]) -> list[MemberForm]:
    rows = [
        MemberForm(
            prefix=member.pk,
            initial={
                "position": place,
                "sender": member.sender,
                "weight": member.weight,
                "countries": ", ".join(member.countries),
                "enabled": member.enabled,
            },
        )
        for place, member in enumerate(members, start=1)
    ]
    return rows + [blank_row() for _ in range(_BLANK)]


def sent_rows(data: QueryDict) -> list[MemberForm]:
    """As the page sent them, in the order of their positions; those without one come last."""
    rows = [MemberForm(data, prefix=prefix) for prefix in dict.fromkeys(data.getlist(ROW))]
    for row in rows:
        row.full_clean()
    return sorted(rows, key=lambda row: row.cleaned_data.get("position") or len(rows) + 1)


class PoolForm(ChangeForm):
    """What an operator changes of a pool; `rows` are its members."""

    serializer = PoolSerializer

    carrier_ids = forms.MultipleChoiceField(
        label="Carriers",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: any carrier of the organisation.",
    )

    def __init__(self, pool: SenderPool, data: QueryDict | None = None) -> None:
        super().__init__(pool, data)
        own = Carrier.objects.filter(organization=pool.organization_id).order_by("name")
        self.fields["carrier_ids"].choices = list(own.values_list("pk", "name"))
        self.rows = sent_rows(data) if data is not None else stored_rows(pool.members.all())

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return super().body(cleaned) | {"members": [row.body() for row in self.counted]}

    @property
    def counted(self) -> list[MemberForm]:
        return [row for row in self.rows if row.counts]

    def clean(self) -> dict[str, Any]:
        if not all(row.is_valid() for row in self.rows):
            self.add_error(None, "A member is wrong: see below.")
        return super().clean()

    def blame(self, name: str, faults: Any) -> None:
        """Faults of members go to their rows."""
        if name != "members" or not isinstance(faults, Mapping):
            super().blame(name, faults)
            return
        for place, of_row in faults.items():
            row = self.counted[place]
            for field, said in of_row.items():
                row.add_error(field if field in row.fields else None, sentences(said))
        self.add_error(None, "A member is wrong: see below.")


class TryForm(SerializedForm):
    """A destination to be tried."""

    serializer = PreviewQuery

    def __init__(self, pool: SenderPool, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"count": 10})
        own = Carrier.objects.filter(organization=pool.organization_id).order_by("name")
        choices = [("", "whichever carrier comes first"), *own.values_list("pk", "name")]
        self.fields["carrier_id"].choices = choices
