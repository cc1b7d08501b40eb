"""Routes under /v1; a trailing slash is taken off before (middleware)."""

from __future__ import annotations

from django.urls import path

from messaging.own_numbers.views import NumberDetailView, NumbersView, SuggestedNumbersView

urlpatterns = [
    path("numbers", NumbersView.as_view()),
    path("numbers/suggestions", SuggestedNumbersView.as_view()),
    path("numbers/<str:number_id>", NumberDetailView.as_view()),
]
