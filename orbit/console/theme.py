"""Settings of django-unfold, which give the console its look."""

from __future__ import annotations

UNFOLD = {
    "SITE_TITLE": "Orbit BYO-SMPP",
    "SITE_HEADER": "Orbit BYO-SMPP",
    "SITE_SUBHEADER": "Operators' console",
    "SITE_SYMBOL": "hub",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "orbit.console.navigation.favicon"}
    ],
    "STYLES": ["orbit.console.navigation.stylesheet"],
    "SCRIPTS": [
        "orbit.console.navigation.search_script",
        "orbit.console.navigation.zone_script",
    ],
    "SHOW_HISTORY": False,  # the audit is the history
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254)",
            "100": "oklch(93.2% .032 255)",
            "200": "oklch(88.2% .059 254)",
            "300": "oklch(80.9% .105 251)",
            "400": "oklch(70.7% .165 254)",
            "500": "oklch(62.3% .214 259)",
            "600": "oklch(54.6% .245 262)",
            "700": "oklch(48.8% .243 264)",
            "800": "oklch(42.4% .199 265)",
            "900": "oklch(37.9% .146 265)",
            "950": "oklch(28.2% .091 267)",
        }
    },
    "LOGIN": {"form": "orbit.console.login.LoginForm"},
    "DASHBOARD_CALLBACK": "orbit.console.home.views.dashboard",
    "SIDEBAR": {"navigation": "orbit.console.navigation.groups"},
}
