"""Add and remove recipients of a draft, a batch at a time, so that they are never all in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from messaging import bulk, optimistic_locking
from messaging.campaigns import template
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.campaigns.recipient_import import Entry, Found, Rejected
from messaging.campaigns.rendering import TextRenderer
from messaging.campaigns.warnings import MAX_LINES

MAX_RECIPIENTS = 100_000  # of a campaign
MAX_SHOWN = 1000  # of the rejected ones
_BATCH = 500
_COLUMNS = ("campaign_id", "position", "line", "to", "variables")
_LACKING = 3  # variables that a refusal names


@dataclass
class AddResult:
    """How many recipients were added, and the first `MAX_SHOWN` that were not, in their order."""

    accepted: int = 0
    rejected_total: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    # About added rows: lines without a value for a variable of the text, lines for which the text
    # is too long; the first ones, and how many.
    empty_lines: dict[str, list[int]] = field(default_factory=dict)
    empty_counts: Counter[str] = field(default_factory=Counter)
    too_long_lines: list[int] = field(default_factory=list)
    too_long_count: int = 0


def add(campaign: Campaign, found: Iterable[Found]) -> AddResult:
    """Add the valid entries; `campaign` is a draft, from `selectors.lock` or just created.

    Raises INVALID_STATE if another request has changed it meanwhile.
    """
    adding = _Adding(campaign)
    found = iter(found)
    while batch := list(islice(found, _BATCH)):
        adding.take(batch)
    adding.finish()
    return adding.result


def remove(campaign: Campaign, to: str) -> bool:
    """Remove one number, if it is a recipient; `campaign` is a draft, from `selectors.lock`.

    Positions stay gapless: the last recipient takes the free one. `common_variables` is not
    recomputed: it may then lack a name that all remaining recipients have.
    """
    row = Recipient.objects.filter(campaign=campaign, to=to).first()
    if row is None:
        return False
    row.delete()
    left = campaign.recipients_total - 1
    last = Recipient.objects.filter(campaign=campaign, position=left)
    last.update(position=row.position)
    # Campaigns older than this counter have an estimate.
    size = max(0, campaign.recipients_bytes - _size(row))
    fields = {"recipients_total": left, "recipients_bytes": size}
    if not left:
        fields |= {"common_variables": None, "recipients_bytes": 0}
    optimistic_locking.compare_and_set(campaign, fields, among=_drafts())
    return True


def remove_all(campaign: Campaign) -> int:
    """Remove all recipients of a draft (from `selectors.lock`); return how many there were."""
    count = campaign.recipients_total
    Recipient.objects.filter(campaign=campaign).delete()
    fields = {"recipients_total": 0, "recipients_bytes": 0, "common_variables": None}
    optimistic_locking.compare_and_set(campaign, fields, among=_drafts())
    return count


def clear(campaign: Campaign) -> None:
    """Remove all recipients. The caller calls `add` next, which writes the campaign."""
    Recipient.objects.filter(campaign=campaign).delete()
    campaign.recipients_total, campaign.recipients_bytes, campaign.common_variables = 0, 0, None


def first_lacking(campaign: Campaign, names: Iterable[str]) -> tuple[str, list[str]] | None:
    """The first recipient that lacks some of these variables: its number, and which; None if none
    does."""
    if set(names) <= set(campaign.common_variables or ()):
        return None
    rows = Recipient.objects.filter(campaign=campaign).order_by("position")
    for to, variables in rows.values_list("to", "variables").iterator(_BATCH):
        lacking = sorted(set(names) - variables.keys())
        if lacking:
            return to, lacking
    return None


class _Adding:
    def __init__(self, campaign: Campaign) -> None:
        self.result = AddResult()
        self._campaign = campaign
        self._needed = template.variable_names(campaign.body)
        self._renderer = TextRenderer(campaign.body)
        self._before = self._total = campaign.recipients_total
        self._bytes = campaign.recipients_bytes
        common = campaign.common_variables
        self._common: set[str] | None = None if common is None else set(common)

    def take(self, batch: list[Found]) -> None:
        there = self._there(batch)
        fresh: dict[str, Entry] = {}
        for each in batch:
            fault = each if isinstance(each, Rejected) else self._fault(each, there, fresh)
            if fault:
                self._reject(fault)
            else:
                fresh[each.to] = each
                self._note_empty(each)
                self._note_too_long(each)
        self._save(list(fresh.values()))

    def finish(self) -> None:
        common = None if self._common is None else sorted(self._common)
        fields = {
            "recipients_total": self._total,
            "recipients_bytes": self._bytes,
            "common_variables": common,
        }
        optimistic_locking.compare_and_set(self._campaign, fields, among=_drafts())

    def _there(self, batch: list[Found]) -> dict[str, tuple[int, int]]:
        """Position and line of the numbers that are recipients already, by number."""
        numbers = {each.to for each in batch if isinstance(each, Entry)}
        if not numbers:
            return {}
        rows = Recipient.objects.filter(campaign=self._campaign, to__in=numbers)
        return {to: place for to, *place in rows.values_list("to", "position", "line")}

    def _fault(
        self, entry: Entry, there: dict[str, Any], fresh: dict[str, Entry]
    ) -> Rejected | None:
        lacking = sorted(self._needed - entry.variables.keys())
        if lacking:
            named = ", ".join(f"{{{{{name}}}}}" for name in lacking[:_LACKING])
            more = f" and {len(lacking) - _LACKING} more" if len(lacking) > _LACKING else ""
            message = f"The text of the campaign needs {named}{more} too."
            return Rejected(entry.line, f"variables.{lacking[0]}", message)
        if entry.to in fresh:
            return _duplicate(entry, fresh[entry.to].line)
        if entry.to in there:
            position, line = there[entry.to]
            return _duplicate(entry, line if position >= self._before else None)
        if self._total + len(fresh) >= MAX_RECIPIENTS:
            message = f"A campaign has at most {MAX_RECIPIENTS} recipients."
            return Rejected(entry.line, "to", message, value=entry.to)
        return None

    def _reject(self, rejected: Rejected) -> None:
        self.result.rejected_total += 1
        if len(self.result.rejected) < MAX_SHOWN:
            self.result.rejected.append(rejected)

    def _note_empty(self, entry: Entry) -> None:
        for name in self._needed:
            if not entry.variables[name].strip():
                self.result.empty_counts[name] += 1
                lines = self.result.empty_lines.setdefault(name, [])
                if len(lines) < MAX_LINES:
                    lines.append(entry.line)

    def _note_too_long(self, entry: Entry) -> None:
        if self._renderer.is_too_long(entry.variables):
            self.result.too_long_count += 1
            if len(self.result.too_long_lines) < MAX_LINES:
                self.result.too_long_lines.append(entry.line)

    def _save(self, entries: Sequence[Entry]) -> None:
        pk = self._campaign.pk
        rows = [
            (pk, position, entry.line, entry.to, entry.variables)
            for position, entry in enumerate(entries, start=self._total)
        ]
        bulk.insert(Recipient, _COLUMNS, rows)
        for names in {frozenset(entry.variables) for entry in entries}:
            self._common = set(names) if self._common is None else self._common & names
        self._total += len(rows)
        self._bytes += sum(map(_size, entries))
        self.result.accepted += len(rows)


def _size(recipient: Entry | Recipient) -> int:
    texts = (recipient.to, *recipient.variables, *recipient.variables.values())
    return sum(len(text.encode()) for text in texts)


def _drafts() -> QuerySet[Campaign]:
    return Campaign.objects.filter(status=CampaignStatus.DRAFT)


def _duplicate(entry: Entry, line: int | None) -> Rejected:
    where = f"on line {line}" if line else "before this list"
    return Rejected(entry.line, "to", f"This number is there already, {where}.", value=entry.to)
