"""How addresses may be written, and where they may lead."""

from __future__ import annotations

import pytest

from messaging.webhooks.endpoints import Endpoint, check, parse, postable
from messaging.webhooks.host_queues import lane_of
from orbit.api.errors import ApiError


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://example.com", Endpoint("https", "example.com", 443, "/")),
        ("HTTPS://Example.COM./a?b=c&d", Endpoint("https", "example.com", 443, "/a?b=c&d")),
        ("https://example.com:8443/%C3%A9", Endpoint("https", "example.com", 8443, "/%C3%A9")),
        ("https://[2001:DB8::1]:9/x", Endpoint("https", "2001:db8::1", 9, "/x")),
        ("https://192.0.2.1//x", Endpoint("https", "192.0.2.1", 443, "//x")),
        ("http://example.com/", Endpoint("http", "example.com", 80, "/")),
        ("https://example.com/?", Endpoint("https", "example.com", 443, "/")),
        ("https://[::ffff:192.0.2.1]/", Endpoint("https", "192.0.2.1", 443, "/")),
    ],
)
def test_an_address_has_parts(url, endpoint):
    assert parse(url) == endpoint


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://example.com:443/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_the_usual_port_is_not_named(url, authority):
    assert parse(url).authority == authority


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("example.com/hook", "the whole URL"),
        ("ftp://example.com/", "the whole URL"),
        ("javascript:alert(1)", "the whole URL"),
        ("https://user:pw@example.com/", "No user"),
        ("https://@example.com/", "No user"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://", "Empty host"),
        ("https:///x", "Empty host"),
        ("https://example.com:0/", "Not a URL"),
        ("https://example.com:/", "Not a URL"),
        ("https://example.com:65536/", "Not a URL"),
        ("https://example.com:0443/", "Not a URL"),
        ("https://example.com:x/", "Not a URL"),
        ("https://[::1/", "Not a URL"),
        ("https://[::1]x/", "Not a URL"),
        ("https://[::1]x:80/", "Not a URL"),
        ("https://127.1/", "unusual spelling"),
        ("https://2130706433/", "unusual spelling"),
        ("https://0x7f.1/", "unusual spelling"),
        ("https://[fe80::1%25eth0]/", "Zone"),
        ("https://exa mple.com/", "ASCII"),
        ("https://example.com/\r\nX: y", "ASCII"),
        ("https://example.com\\@evil.example/", "ASCII"),
        ("https://exämple.com/", "ASCII"),
        (" https://example.com/", "ASCII"),
        ("https://example.com/" + "x" * 2048, "at most 2048"),
        ("https://" + "a" * 64 + ".com/", "63"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url, why):
    with pytest.raises(ValueError, match=why):
        parse(url)


def test_plain_http_needs_a_setting(settings):
    settings.WEBHOOK_ALLOW_HTTP = False
    with pytest.raises(ValueError, match="Only https"):
        postable("http://example.com/")
    assert postable("https://example.com/").tls
    settings.WEBHOOK_ALLOW_HTTP = True
    assert not postable("http://example.com/").tls


def test_the_policy_of_carriers_is_another_one(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    settings.SMPP_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with pytest.raises(ApiError, match="127.0.0.1 is not allowed") as caught:
        check("https://127.0.0.1/")
    assert caught.value.code == "INVALID_WEBHOOK_URL"
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    check("https://127.0.0.1/")


def test_networks_that_are_kept_to_ourselves_are_for_webhooks_as_well(settings):
    check("https://8.8.8.8/")
    settings.SMPP_FORBIDDEN_NETWORKS = ["8.8.8.0/24"]
    with pytest.raises(ApiError, match="keeps to itself"):
        check("https://8.8.8.8/")


def test_without_a_look_up_addresses_alone_are_judged(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with pytest.raises(ApiError) as caught:
        check("https://[::ffff:10.0.0.1]/", field="webhook_url", look_up=False)
    assert caught.value.details["field"] == "webhook_url"
    check("https://localhost/", field="webhook_url", look_up=False)


def test_a_lane_is_an_organisation_s_server():
    same = {lane_of("org_1", f"https://example.com{rest}") for rest in ("/a", ":443/b", "?c")}
    others = [
        lane_of("org_2", "https://example.com/"),
        lane_of("org_1", "http://example.com/"),
        lane_of("org_1", "https://example.com:444/"),
        lane_of("org_1", "https://www.example.com/"),
    ]
    assert len(same) == 1
    assert len({*same, *others}) == 5


def test_a_name_that_does_not_resolve_yet_passes_and_one_that_leads_inside_does_not(
    names, settings
):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    names["inside.example"] = ["10.0.0.1"]

    check("https://not-yet.example/hook", owner="org_1")
    with pytest.raises(ApiError) as refused:
        check("https://inside.example/hook", owner="org_1")
    assert refused.value.code == "INVALID_WEBHOOK_URL"
