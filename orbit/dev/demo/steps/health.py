"""Whether all of it is well, by the site's own word."""

from __future__ import annotations

import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from orbit.dev.demo.checks import check
from orbit.dev.demo.environment import ADMIN
from orbit.dev.demo.http import send
from orbit.dev.demo.scene import Scene

PAGES = ("/", "/docs", "/docs/errors", "/openapi.json")


def is_good(scene: Scene) -> str:
    screen, site = scene.screen, scene.site
    screen.request("GET", "/readyz")
    answer = send("GET", f"{site.url}/readyz")
    checks = answer.body.get("checks", {})
    screen.answer(answer, {"status": answer.body.get("status")})
    width = max(map(len, checks), default=0) + 2
    for name, health in checks.items():
        screen.say(f"  {name:<{width}}{'ok' if health['ok'] else 'DOWN':<6}{health['detail']}")
    check(answer.status == 200 and checks, "/readyz does not say that all is well")
    for page in PAGES:
        status = send("GET", f"{site.url}{page}").status
        check(status == 200, f"{page} answers {status}")
    _log_in(site.url, site.admin_password)
    screen.done("ready; the documentation is there, and the admin lets its person in")
    return "ready"


def _log_in(url: str, password: str) -> None:
    """As a browser does it, with the form and its style sheet."""
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{url}/admin/login/?next=/admin/") as page:
        form = page.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    style = re.search(r'href="(/static/[^"]+\.css)"', form)
    check(token and style, "the admin's login page has no form or no style")
    with browser.open(url + style[1]) as sheet:
        check(sheet.status == 200, "the admin's style sheet is missing")
    fields = {"username": ADMIN, "password": password, "csrfmiddlewaretoken": token[1]}
    with browser.open(f"{url}/admin/login/?next=/admin/", urlencode(fields).encode()) as page:
        check(page.url == f"{url}/admin/", "the admin refuses its own person")
