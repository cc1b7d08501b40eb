"""Routes under /v1 that belong to notices; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.notices.views import (
    RecipientsView,
    RecipientTestView,
    RecipientView,
    SilencesView,
    SilenceView,
)

urlpatterns = [
    path("settings/notices/recipients", RecipientsView.as_view()),
    path("settings/notices/recipients/<str:recipient_id>", RecipientView.as_view()),
    path("settings/notices/recipients/<str:recipient_id>/test", RecipientTestView.as_view()),
    path("settings/notices/silences", SilencesView.as_view()),
    path("settings/notices/silences/<str:silence_id>", SilenceView.as_view()),
]
