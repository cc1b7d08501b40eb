"""The control port's page for people: it shows what came in, and sends texts of phones."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

import pytest

from orbit.dev.simulator import SimulatorThread

HTML = "text/html,application/xhtml+xml"


class Browser:
    """Asks as a browser on the page's own address does."""

    def __init__(self, port: int) -> None:
        self.netloc = f"127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple:
        connection = http.client.HTTPConnection(self.netloc, timeout=30)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, {"Accept": HTML} | kind | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def send(self, origin: str = "", **fields: str) -> tuple:
        return self.ask(
            "POST", "/texts", urlencode(fields), Origin=origin or f"http://{self.netloc}"
        )


@pytest.fixture
def page(smsc: SimulatorThread) -> Browser:
    smsc.add_system("acme", "hidden-one")
    return Browser(smsc.open_control())


def test_a_customer_writes_by_the_form(page, smsc, raw):
    client = raw(smsc.port)
    client.bind(password="hidden-one")
    answer, text = page.send(
        system="acme", source_addr="+33700000001", destination_addr="38600", text="two\r\nlines"
    )
    assert answer.status == 200
    assert "Sent to 38600." in text
    assert 'value="+33700000001"' in text  # the next one is from the same phone
    _, came = client.read()
    assert came.fields["short_message"] == b"two\nlines"
    assert came.text("source_addr") == "33700000001"


def test_a_text_to_an_account_without_a_bind_waits_and_the_page_says_so(page):
    _, text = page.send(system="acme", source_addr="+33700000001", destination_addr="1", text="x")
    assert "It waits until the account is bound" in text


def test_it_shows_what_came_in_escaped_and_offers_a_reply(page, smsc, raw):
    client = raw(smsc.port)
    client.bind(password="hidden-one")
    client.submit(short_message=b"<script>alert(1)</script>", source_addr="38600")
    client.read()
    answer, text = page.ask("GET", "/?system=acme&source_addr=%22%3E%3Cb%3E")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert "<b>" not in text
    assert "hidden-one" not in text
    reply = re.search(r'href="([^"]*)">Reply', text)[1].replace("&amp;", "&")
    _, filled = page.ask("GET", reply)
    assert 'name="source_addr" value="33612345678"' in filled
    assert 'name="destination_addr" value="38600"' in filled


@pytest.mark.parametrize(
    "fields", [{"system": "nobody"}, {"text": "x" * 2000}, {"source_addr": "9" * 30}]
)
def test_what_can_not_be_sent_is_refused_on_the_page(page, fields):
    usual = {"system": "acme", "source_addr": "+33700000001", "destination_addr": "1", "text": "x"}
    answer, text = page.send(**(usual | fields))
    assert (answer.status, "Not sent: " in text) == (400, True)
    assert 'value="+33700000001"' in text or "source_addr" in fields


@pytest.mark.parametrize("origin", ["https://attacker.example", "null"])
def test_the_form_of_another_page_sends_nothing(page, smsc, origin):
    answer, _ = page.send(
        origin, system="acme", source_addr="1", destination_addr="2", text="forged"
    )
    assert answer.status == 403
    answer, _ = page.ask("GET", "/", Host="attacker.example")
    assert answer.status == 403
    assert not smsc.system("acme").waiting


def test_programs_get_json_as_ever(page):
    answer, text = page.ask("GET", "/", Accept="*/*")
    assert (answer.headers["Content-Type"], text[0]) == ("application/json", "{")
    answer, _ = page.ask("GET", "/systems")
    assert answer.headers["Content-Type"] == "application/json"
