"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.people.views import PersonView

urlpatterns = [path("people/<str:number>", PersonView.as_view())]
