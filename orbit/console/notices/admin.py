"""The list of incidents, and the page of one, which says all without scrolling."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.notices.models import Notice, NoticeSilence
from orbit.console.cells import page_link, roomy, said, spare, two
from orbit.console.long_lists import LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.templatetags.console import state
from orbit.console.times import when

NAMED = 8  # of what it touches, so that a phone shows the page without scrolling


@admin.register(Notice)
class NoticeAdmin(LongListAdmin):
    list_display = ["title", "is_open", "began", "is_told"]
    list_display_links = None
    list_filter = ["state", "kind"]
    parameters = frozenset({"state__exact", "kind__exact"})

    @display(description="what, why")
    def title(self, notice: Notice) -> SafeString:
        return two(page_link(notice, notice.what), spare(said(notice.why, none="")))

    @display(description="state")
    def is_open(self, notice: Notice) -> SafeString:
        return state(notice.state)

    @display(description="since, until")
    def began(self, notice: Notice) -> SafeString:
        return two(when(notice.since), when(notice.until, none=""))

    @display(description="told", ordering="told_at")
    def is_told(self, notice: Notice) -> SafeString:
        return roomy(when(notice.told_at, none="nobody was told"), notice.get_kind_display())

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
