"""Warnings about a draft before it is started. They don't prevent the start."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, Min, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Length, Trim

from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.campaigns.rendering import MAX_CHARACTERS
from messaging.campaigns.template import Template, single_brace_names, variable_names
from messaging.smpp.protocol.segmentation import MAX_SEGMENTS
from orbit.db import sealing

MAX_LINES = 20  # that a warning names
_CHUNK = 500  # recipients
NOT_STARTED = (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)


class _Variable(Func):
    """The text of a recipient's variable. Django's own key transforms take a name of digits for a
    place in a list."""

    output_field = TextField()

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(F("variables"))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"jsonb_extract_path_text({column}, %s)", [*params, self.name]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column} ->> %s)", [*params, f"$.{json.dumps(self.name)}"]


@dataclass(frozen=True)
class Warning:
    """`field`: `body`, `recipients`, or `variables.NAME`."""

    field: str
    message: str


def of(campaign: Campaign) -> list[Warning]:
    """The warnings of a campaign that has not begun; [] once it has."""
    if campaign.status not in NOT_STARTED:
        return []
    return before_start(campaign)


def before_start(campaign: Campaign) -> list[Warning]:
    """The warnings whatever its status; one pass over its recipients."""
    if variable_names(campaign.body) and _has_sealed(campaign):
        return [*of_body(campaign.body), *_of_sealed(campaign)]
    return [*of_body(campaign.body), *_too_long(campaign), *_empty(campaign)]


def of_body(body: str) -> list[Warning]:
    return [
        Warning(
            "body",
            f"{{{name}}} stands in single braces and is sent as it is. A variable is written "
            f"{{{{{name}}}}}.",
        )
        for name in single_brace_names(body)
    ]


def of_upload(empty: Mapping[str, Sequence[int]], counts: Mapping[str, int]) -> list[Warning]:
    """Warnings about rows that were just added, by variable of the text. `empty`: the first lines
    without a value; `counts`: how many there are."""
    return [
        Warning(
            f"variables.{name}",
            f"{{{{{name}}}}} is empty for {counts[name]} of the recipients, on "
            f"{_lines(lines, counts[name])}.",
        )
        for name, lines in empty.items()
    ]


def too_long(lines: Sequence[int], count: int) -> list[Warning]:
    """The warning about recipients whose text is too long: the first lines, and how many."""
    if not count:
        return []
    return [
        Warning(
            "body",
            f"The text takes more than {MAX_SEGMENTS} segments for {count} of the recipients, on "
            f"{_lines(lines, count)}: their messages will fail (TEXT_TOO_LONG).",
        )
    ]


def _too_long(campaign: Campaign) -> Iterable[Warning]:
    """Recipients for whom the text is too long in any alphabet, counted by the database."""
    template = Template(campaign.body)
    if not template.uses:
        return
    length = Value(template.length(dict.fromkeys(template.uses, "")))
    for name, uses in template.uses.items():
        length = length + Length(Coalesce(_Variable(name), Value(""))) * Value(uses)
    rows = Recipient.objects.filter(campaign=campaign).order_by().annotate(length=length)
    found = rows.filter(length__gt=MAX_CHARACTERS).aggregate(count=Count("pk"), first=Min("to"))
    if found["count"]:
        yield _for_too_long(campaign, found["count"], found["first"])


def _empty(campaign: Campaign) -> Iterable[Warning]:
    names = sorted(variable_names(campaign.body) & set(campaign.common_variables or ()))
    wanted = {}
    rows = Recipient.objects.filter(campaign=campaign).order_by()
    for place, name in enumerate(names):
        rows = rows.alias(**{f"v{place}": Trim(_Variable(name))})
        is_empty = Q(**{f"v{place}": ""})
        wanted[f"count{place}"] = Count("pk", filter=is_empty)
        wanted[f"first{place}"] = Min("to", filter=is_empty)
    found = rows.aggregate(**wanted) if wanted else {}
    for place, name in enumerate(names):
        if count := found[f"count{place}"]:
            yield _for_empty(campaign, name, count, found[f"first{place}"])


def _of_sealed(campaign: Campaign) -> Iterable[Warning]:
    """The same counted in Python, for recipients whose variables are sealed."""
    uses = Template(campaign.body).uses
    plain = Template(campaign.body).length(dict.fromkeys(uses, ""))
    names = sorted(variable_names(campaign.body) & set(campaign.common_variables or ()))
    overlong, empty = [0, ""], {name: [0, ""] for name in names}
    rows = Recipient.objects.filter(campaign=campaign).order_by("position")
    for to, variables in rows.values_list("to", "variables").iterator(_CHUNK):
        length = sum(len(variables.get(name, "")) * count for name, count in uses.items())
        if uses and plain + length > MAX_CHARACTERS:
            _count(overlong, to)
        for name in names:
            if not variables.get(name, "").strip(" "):  # as TRIM does in the database
                _count(empty[name], to)
    if overlong[0]:
        yield _for_too_long(campaign, *overlong)
    for name, found in empty.items():
        if found[0]:
            yield _for_empty(campaign, name, *found)


def _count(found: list[Any], to: str) -> None:
    """Count one recipient more; the one with the lowest number is named."""
    found[0] += 1
    found[1] = min(found[1] or to, to)


def _has_sealed(campaign: Campaign) -> bool:
    if not sealing.may_be_there():
        return False
    rows = Recipient.objects.filter(campaign=campaign).order_by()
    text = Cast("variables", TextField())
    return rows.annotate(text=text).filter(text__startswith=f'"{sealing.MARK}').exists()


def _for_too_long(campaign: Campaign, count: int, first: str) -> Warning:
    return Warning(
        "body",
        f"The text takes more than {MAX_SEGMENTS} segments for {count} of "
        f"{campaign.recipients_total} recipients, {first} among them: their messages "
        "will fail (TEXT_TOO_LONG).",
    )


def _for_empty(campaign: Campaign, name: str, count: int, first: str) -> Warning:
    return Warning(
        f"variables.{name}",
        f"{{{{{name}}}}} is empty for {count} of {campaign.recipients_total} recipients, "
        f"{first} among them.",
    )


def _lines(lines: Sequence[int], count: int) -> str:
    shown = ", ".join(map(str, lines))
    more = f" and {count - len(lines)} more" if count > len(lines) else ""
    return f"{'line' if count == 1 else 'lines'} {shown}{more}"
