"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.opt_out_texts.views import NearMissesView, NearMissView

urlpatterns = [
    path("opt-outs/near-misses", NearMissesView.as_view()),
    path("opt-outs/near-misses/<str:message_id>", NearMissView.as_view()),
]
