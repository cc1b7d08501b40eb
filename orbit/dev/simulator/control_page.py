"""The control port's page for people: what each account submitted, and a form that sends a text as
a phone would. Plain HTML, without scripts. Every value in it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

SUBMITS = 20  # that are shown, of the chosen account
ACCOUNTS = 100
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem;
  color: #1f2937; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin-top: 2rem; }
label { display: block; margin: .6rem 0; color: #4b5563; font-size: .85rem; }
input, select, textarea { display: block; width: 100%; box-sizing: border-box; font: inherit;
  padding: .4rem .6rem; border: 1px solid #9ca3af; border-radius: 6px; color: #111827; }
form { max-width: 32rem; } button { font: inherit; padding: .45rem 1.1rem; border: 0;
  border-radius: 6px; background: #1d4ed8; color: #fff; cursor: pointer; }
.note { padding: .5rem .8rem; border-left: 3px solid #15803d; background: #f0fdf4; }
.fault { border-color: #b91c1c; background: #fef2f2; } .dim { color: #6b7280; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #e5e7eb;
  vertical-align: top; } th { font-weight: 500; color: #6b7280; font-size: .8rem; }
th, td { overflow-wrap: normal; } th { white-space: nowrap; } td.text {
  min-width: 10rem; overflow-wrap: anywhere; }
@media (max-width: 600px) { .submits tr { display: flex; flex-wrap: wrap; gap: 0 .8rem;
  padding: .4rem 0; border-bottom: 1px solid #e5e7eb; } .submits tr:has(th) { display: none; }
  .submits td { padding: 0; border: 0; } .submits td.text { flex-basis: 100%; } }
"""


def page(
    counts: Mapping[str, Any],
    submits: Sequence[Mapping[str, Any]],
    *,
    filled: Mapping[str, str],
    note: str = "",
    fault: str = "",
) -> str:
    """`counts`: of the whole simulator. `submits`: of the chosen account, oldest first. `filled`:
    what the form has in it: system, source_addr, destination_addr, text."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>SMSC simulator</title><style>{_STYLE}</style></head><body>",
        "<h1>SMSC simulator</h1>",
        f'<p class="note" role="status">{escape(note)}</p>' if note else "",
        f'<p class="note fault" role="alert">{escape(fault)}</p>' if fault else "",
        _form(counts["systems"], filled),
        _submits(submits, filled["system"]) if filled["system"] else "",
        _accounts(counts["systems"]),
        '<p class="dim">Programs get JSON here: <code>GET /</code>, <code>/systems</code>, '
        "<code>/ports</code>.</p></body></html>",
    ]
    return "\n".join(parts)


def _form(systems: Mapping[str, Mapping[str, Any]], filled: Mapping[str, str]) -> str:
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == filled["system"] else ""}>'
        f"{escape(name)} ({each['live_binds']} bound)</option>"
        for name, each in list(systems.items())[:ACCOUNTS]
    )
    fields = "".join(
        f'<label>{label}<input name="{name}" value="{escape(filled[name])}" required '
        f'maxlength="21" placeholder="{hint}"></label>'
        for name, label, hint in (
            ("source_addr", "From the phone", "+33612345678"),
            ("destination_addr", "To the number", "38080"),
        )
    )
    return (
        '<h2>A customer writes</h2><form method="post" action="/texts">'
        f'<label>Account by which it comes<select name="system" required>{options}</select></label>'
        f'{fields}<label>Text<textarea name="text" rows="3" maxlength="1530">'
        f"{escape(filled['text'])}</textarea></label><button>Send the text</button></form>"
    )


def _submits(submits: Sequence[Mapping[str, Any]], system: str) -> str:
    rows = "".join(
        f"<tr><td>{escape(each['source_addr'])}</td><td>{escape(each['destination_addr'])}</td>"
        f'<td class="text">{escape(each["text"])}</td><td>{escape(each["status"] or "–")}</td>'
        f'<td><a href="/?{_reply(each, system)}">Reply</a></td></tr>'
        for each in reversed(submits)
    )
    head = "<tr><th>From</th><th>To</th><th>Text</th><th>Answer</th><th></th></tr>"
    table = f'<div class="wide"><table class="submits">{head}{rows}</table></div>'
    shown = table if rows else "<p>Nothing yet.</p>"
    return f"<h2>The last that {escape(system)} submitted</h2>{shown}"


def _reply(submit: Mapping[str, Any], system: str) -> str:
    """The query string of the page whose form answers this message."""
    return escape(
        urlencode(
            {
                "system": system,
                "source_addr": submit["destination_addr"],
                "destination_addr": submit["source_addr"],
            }
        )
    )


def _accounts(systems: Mapping[str, Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<tr><td><a href="/?{escape(urlencode({"system": name}))}">{escape(name)}</a></td>'
        f"<td>{each['live_binds']}</td><td>{each['submits']}</td>"
        f"<td>{each['texts'].get('acknowledged', 0)} of {each['texts'].get('sent', 0)}</td>"
        f"<td>{each['receipts']['waiting']}</td></tr>"
        for name, each in list(systems.items())[:ACCOUNTS]
    )
    more = len(systems) - ACCOUNTS
    return (
        '<h2>Accounts</h2><div class="wide"><table><tr><th>system_id</th><th>Binds</th>'
        "<th>Submits</th><th>Texts taken</th><th>Waiting for a bind</th></tr>"
        f"{rows}</table></div>{f'<p>{more} more.</p>' if more > 0 else ''}"
    )
