"""The HTTP API between the site and our launcher. Standard library only: both sides import it.

Requests on the port of Jasmin's HTTP API, all HTTP Basic, all JSON:

- `POST /lane/submits` (`SUBMITS`), with a credential's own user and password: up to `MOST_SUBMITS`
  messages for its connectors, and the `log` that the site knows. Where the gateway has another
  log, its store was lost with the tokens that it had taken: nothing is accepted. The answer names
  each message, in order: accepted, or why not (`Reason`). Where the store fails on the way, it
  leaves out those that may have been accepted.
- `GET /lane/log?after=N&log=ID&wait=S&limit=M` (`LOG`), with the console's user and password: what
  became of them, and what carriers sent, numbered: `{"log": ID, "first", "last", "records"}`.
  `after=N` also says that the site has applied everything up to N of the log ID; the gateway may
  forget it. Another log is another store: the request is refused, nothing is forgotten, and the
  site begins with 0. Nothing after N: the answer waits up to `wait` seconds.

- `POST /lane/deliveries` (`DELIVERIES`), with the console's user: texts of phones for platforms of
  organisations, `{"log": ID, "users": [user…], "deliveries": [{"token", "user", "pdu"}…]}`. The
  answer: `life` names the process, `began` is the last record of those before it, `bound` are
  those of `users` that have a bind which takes texts, `results` name each delivery, in order:
  accepted, or why not (`Reason`). What is accepted is in memory alone. It ends in a `delivery`
  record, unless the process ends before: once the site has applied the records up to `began` of
  another process, it gives what has no record to that one. A process takes a token once.
- `GET /lane/opt-outs` (`OPT_OUTS`), with the console's user: the `key` of the digests, and of each
  user's list `{user: {"version", "count", "checksum"}}`. `POST`: `{"key": its id, "lists":
  [{"user", "from", "version", "whole", "add", "remove"}…]}` changes lists from version `from`
  (null: there is none) to `version`; `whole`: what was in it goes. `add` and `remove` are digests
  in base64 (`opt_out_digests`). The answer's `results` say of each whether it was `taken`: not
  where the gateway has another version than `from`, since another process has brought one.
- `POST /lane/drain` (`DRAIN`), with the console's user: `{"log": ID, "closed": true | false,
  "withdraw": true | false, "tokens": [token…]}`. A closed gateway accepts nothing new, of the site
  nor of platforms, until it is opened or started again; what it has goes on, or, with `withdraw`,
  ends as `not_sent` where nothing of it was written. The answer: `closed`, `open` (how many
  accepted messages have not ended) and `unknown`, those of `tokens` that it has never accepted.
  While it is closed it never will.

- `POST /lane/state` (`STATE`), with the console's user: what the gateway has, of objects whose key
  begins with `prefix`: `{"prefix", "only": [key…] or null, "salt": in hexadecimal}`. `only`: just
  these keys (gid, uid, cid), and the routes of these uids. No secret is sent: in its place stands
  its digest by the salt (`secret_digests`). The answer:
  `{"jasmin", "launcher": versions, "capabilities", "epoch": when the process started,
  "carries": connectors that its limit of open files allows, "draining": whether it was closed,
  "groups": [[gid, enabled]…],
  "users": [[uid, gid, username, enabled, place in `user_settings`, digest of the password's MD5,
  sessions on the SMPP server, submit_sm since the start]…],
  "connectors": [[cid, started, session, starts, stops, place in `connector_settings`, its own
  settings beside those, digest of the password, digest of the TLS key or null, sessions]…],
  "routes": [[order, uid, place in `patterns`, [cid…]]…], "orders": [[first, last]…] of all,
  "others": objects without the prefix, `{"groups": [gid…], "users": [[uid, gid, username]…],
  "connectors": [cid…], "routes": [[order, [cid…]]…]}}`. Settings are those of `user -s` and
  `smppccm -s`, as printed; of a certificate the SHA-256 (`sha256:…`). A session of a connector is
  `[bind_type, host, port, state, since, bind_error, link_error, tls_verified]`.

- `POST /lane/trace` (`TRACE`), with the console's user: the PDUs of one connector for some time.
  `{"do": "start", "id", "cid", "seconds", "texts", "numbers"}`: `id` is the site's name for it,
  `texts` and `numbers` (true or false) say whether those may be seen; passwords never are. It ends
  by itself after `seconds`, `MOST_TRACED` at most. `{"do": "read", "id", "after": N}`: the PDUs
  numbered above N, the oldest first. `{"do": "stop", "id"}`. The answer to each:
  `{"state": a `TraceState`, "why": of one that was refused, "left": seconds until its end,
  "last": number of the last PDU, "links": {session: [bind's own host, port, carrier's host, port]},
  "pdus": [[number, at, "in" or "out", session, octets in hexadecimal]…]}`. Where `pdus` begin later
  than with N + 1, the older ones were dropped: the gateway keeps `MOST_TRACE_PDUS` and
  `MOST_TRACE_OCTETS`. What a trace has is kept until `TRACE_KEPT` seconds after its end, or until
  another one needs its place (`MOST_TRACES`).

A message is named by the site's token. A token that was accepted before, by this or an earlier
process, is accepted again and not taken twice; it is remembered for `REMEMBERED` seconds after its
last record was applied by the site.

Records of the log: `{"n", "at", "kind", ...}`; `at` is in seconds since 1970, `kind` a `Kind`:

- `answer`: token, part (from 0), parts, cid, account, status (SMPP 3.4 §5.1.3), id (the carrier's,
  as it was written; "" if it gave none). A submit_sm that got a generic_nack has its status.
- `not_sent`: token, why: the message is certainly not with the carrier, no part of it was written.
- `no_answer`: token, part, parts, cid, account, why: whether the carrier has it is not known. A
  part that was never written ends so too, where other parts of its message were written.
- `deliver`: cid, account, session (names the bind among all of all gateways), raw (the octets of a
  whole deliver_sm or data_sm, in hexadecimal), access (true: a receipt of access traffic, which the
  gateway has told to the platform).
- `access`: a submit_sm of the access bind or of plain `/send` ended: user, cid, account, to, token,
  part, parts, status (null: no answer is known), why (where status is null).
- `delivery`: token, status (of the platform's deliver_sm_resp; null: it gave none), why (an
  `Undelivered`, where status is null).
- `login`: a platform's bind was refused: user, address, why (a `LoginRefusal`), silenced (true: no
  further one from there is answered for a while).

Each part of an accepted message ends in one `answer` or `no_answer`, or the message in one
`not_sent`. A refusal that is temporary is an answer like others: the site decides.
"""

from __future__ import annotations

from enum import StrEnum

SUBMITS = "/lane/submits"
LOG = "/lane/log"
DELIVERIES = "/lane/deliveries"
OPT_OUTS = "/lane/opt-outs"
STATE = "/lane/state"
DRAIN = "/lane/drain"
TRACE = "/lane/trace"
READY = "/readyz"

MOST_SUBMITS = 1_000  # in one request
MOST_OCTETS = 4_000_000  # of one request
MOST_DELIVERIES = 1_000  # in one request
MOST_TOKENS = 1_000  # in one request
MOST_OPT_OUT_OCTETS = 48_000_000  # of one request: about two million numbers
MOST_STATE_OCTETS = 4_000_000  # of one request: more keys than a gateway holds
MOST_TRACES = 5  # in a gateway
MOST_TRACED = 900.0  # seconds
MOST_TRACE_PDUS = 10_000  # that the gateway keeps of one trace, and their octets
MOST_TRACE_OCTETS = 4_000_000
MOST_READ_PDUS = 1_000  # in one answer
TRACE_KEPT = 300.0  # seconds
MOST_PARTS = 255
LONGEST_TOKEN = 64
LONGEST_WAIT = 30.0  # seconds
MOST_RECORDS = 1_000  # in one answer
REMEMBERED = 3_600.0  # seconds

# Names in the greeting of the console: what this launcher can do beyond a stock Jasmin.
CAPABILITIES = (
    "lane",
    "addresses",
    "tls",
    "tlvs",
    "passwords",
    "readiness",
    "parts",
    "origins",
    "deliveries",
    "opt_outs",
    "state",
    "drain",
    "binds",
    "trace",
)

# Keys of a connector (`smppccm`) beside Jasmin's own. PEM stands in base64 on one line, TLVs as
# `1400=hex,1401=hex`; what is not set is None. `tls_verify` is full or unchecked: Jasmin's console
# reads the word none as null, whatever the key.
#
# `binds`: how many binds there are; with `pairs` (yes or no) so many of a transmitter and a
# receiver, and `bind` is transmitter. `max_binds`: how many the carrier allows, 0 if that is not
# known. `backups`: `address/port/server name for TLS`, with commas between them, the name may be
# empty. With the capability `binds` every key may be changed while the connector is bound: its
# binds are exchanged one at a time.
MAX_WINDOW = 1_000
MAX_BINDS = 10
MAX_BACKUPS = 3
MOST_BINDS_ALLOWED = 100  # of `max_binds`
CONNECTOR_KEYS = (
    "window",
    "lane",
    "senders",
    "plus",
    "tls_verify",
    "tls_ca",
    "tls_server_name",
    "tls_certificate",
    "tls_key",
    "tlvs",
    "binds",
    "pairs",
    "backups",
    "max_binds",
)


# Key of a user (`smpps_cred quota`) beside Jasmin's own: addresses or CIDR with commas between them
# from which it may bind.
ALLOWED_ADDRESSES = "allowed_ips"


class Reason(StrEnum):
    """Why one submit, or delivery, of a request was not accepted."""

    NOT_BOUND = "not_bound"  # no connector of the user is bound; the user has no bind
    FULL = "full"  # as many wait as may; later
    EXPIRED = "expired"  # `expires_in` was not positive
    INVALID = "invalid"  # `detail` names the field
    DRAINING = "draining"  # the gateway is closed, and has never accepted it


class Kind(StrEnum):
    """Of a record."""

    ANSWER = "answer"
    NOT_SENT = "not_sent"
    NO_ANSWER = "no_answer"
    DELIVER = "deliver"
    ACCESS = "access"
    DELIVERY = "delivery"
    LOGIN = "login"


class Undelivered(StrEnum):
    """Why a text has no answer of the platform."""

    NOT_BOUND = "not_bound"  # it was not sent
    NO_ANSWER = "no_answer"  # it was sent: the bind ended, or the time


class LoginRefusal(StrEnum):
    """Why a platform's bind was refused; it is not told, whatever it is."""

    LOGIN = "login"  # a wrong password, or a user that there is not or that is off
    ADDRESS = "address"  # the right password, from an address that is not allowed


class TraceState(StrEnum):
    ON = "on"
    OVER = "over"  # what it has can be read
    GONE = "gone"  # the gateway has no such trace, or no more
    REFUSED = "refused"  # it was not started


class Refused(StrEnum):
    """Why a whole request was refused: `{"error": code, "detail": text}`, with its HTTP status."""

    MALFORMED = "malformed"  # 400
    UNAUTHORIZED = "unauthorized"  # 401
    NO_ROUTE = "no_route"  # 403: the user has no connector
    OTHER_LOG = "other_log"  # 409: `log` or `key` is another, or `after` beyond the last record
    TOO_LARGE = "too_large"  # 413
    STORE = "store"  # 503: nothing can be written down now
    BUSY = "busy"  # 503: too many readers wait, or questions for the state


HTTP_STATUS = {
    Refused.MALFORMED: 400,
    Refused.UNAUTHORIZED: 401,
    Refused.NO_ROUTE: 403,
    Refused.OTHER_LOG: 409,
    Refused.TOO_LARGE: 413,
    Refused.STORE: 503,
    Refused.BUSY: 503,
}
