"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.usage.views import UsageView

urlpatterns = [path("usage", UsageView.as_view())]
