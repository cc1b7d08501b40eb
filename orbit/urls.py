"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from orbit.api.unknown import UnknownPathView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/", include("orbit.api.urls")),
    path("v1/messaging/", include("messaging.urls")),
    re_path(r"^v1(/.*)?$", UnknownPathView.as_view()),
]
