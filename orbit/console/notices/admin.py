"""The list of incidents, and the page of one, which says all without scrolling."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display

from messaging.notices.models import Notice, NoticeSilence
from orbit.console.long_lists import LongListAdmin
from orbit.console.pages import get_or_404, render

NAMED = 8  # of what it touches, so that a phone shows the page without scrolling


@admin.register(Notice)
class NoticeAdmin(LongListAdmin):
    list_display = ["what", "began", "ended", "kind", "is_told"]
    list_filter = ["state", "kind"]
    parameters = frozenset({"state__exact", "kind__exact"})

    @display(description="since (UTC)")
    def began(self, notice: Notice) -> str:
        return f"{notice.since:%Y-%m-%d %H:%M}"

    @display(description="until (UTC)")
    def ended(self, notice: Notice) -> str:
        return f"{notice.until:%Y-%m-%d %H:%M}" if notice.until else "open"

    @display(description="told", boolean=True)
    def is_told(self, notice: Notice) -> bool:
        return notice.told_at is not None

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        notice = get_or_404(Notice.objects.all(), key)
        names = [name for _, name in notice.touches]
        deliveries = notice.deliveries.select_related("recipient").defer("recipient__url")
        now = timezone.now()
        return render(
            request,
            "console/notice.html",
            notice.what,
            notice,
            notice=notice,
            named=names[:NAMED],
            more=max(0, len(names) - NAMED),
            count=len(names),
            deliveries=deliveries,
            silences=NoticeSilence.objects.filter(end__gt=now, kind__in=["", notice.kind])[:5],
        )
