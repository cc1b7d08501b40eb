"""Records of the log as JSON in bytes; `reconciler.gateway_api` describes them.

A record is made with the number 0 and gets its own when it is written.
"""

from __future__ import annotations

import json
import time
from json.encoder import encode_basestring_ascii as _text
from typing import Any

from reconciler.gateway_api import Kind
from reconciler.launcher.lane.message import Message

START = b'{"n":0,'
_NUMBER_AT = len(b'{"n":')
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def numbered(record: bytes, number: int) -> bytes:
    """The record with its number in the place of 0."""
    return b'{"n":%d,%b' % (number, record[len(START) :])


def number(record: bytes) -> int:
    """The number of a record."""
    return int(record[_NUMBER_AT : record.index(b",")])


def answer(message: Message, part: int, account: str, status: int, carrier_id: str) -> bytes:
    """The carrier answered the part."""
    if message.submit.origin != "site":
        return _access(message, part, account, status, "")
    # Not through json: there is one for each submit_sm.
    return (
        f'{{"n":0,"at":{time.time():.3f},"kind":"{Kind.ANSWER}",'
        f'"token":{_text(message.submit.token)},"part":{part},"parts":{len(message.states)},'
        f'"cid":{_text(message.cid)},"account":{_text(account)},"status":{status},'
        f'"id":{_text(carrier_id)}}}'
    ).encode()


def no_answer(message: Message, part: int, account: str, why: str) -> bytes:
    """The part ended without an answer."""
    if message.submit.origin != "site":
        return _access(message, part, account, None, why)
    return _record(
        Kind.NO_ANSWER,
        token=message.submit.token,
        part=part,
        parts=len(message.states),
        cid=message.cid,
        account=account,
        why=why,
    )


def not_sent(message: Message, account: str, why: str) -> bytes:
    """No part of the message was written to the carrier."""
    if message.submit.origin != "site":
        return _access(message, None, account, None, why)
    return _record(Kind.NOT_SENT, token=message.submit.token, why=why)


def deliver(cid: str, account: str, session: str, raw: bytes, *, access: bool) -> bytes:
    """A deliver_sm or data_sm came; `access`: it is a receipt of SMPP or `/send` traffic."""
    return (
        f'{{"n":0,"at":{time.time():.3f},"kind":"{Kind.DELIVER}","cid":{_text(cid)},'
        f'"account":{_text(account)},"session":"{session}","raw":"{raw.hex()}",'
        f'"access":{"true" if access else "false"}}}'
    ).encode()


def login(user: str, address: str, why: str, *, silenced: bool) -> bytes:
    """A bind of a platform was refused; `why`: a LoginRefusal."""
    return _record(Kind.LOGIN, user=user, address=address, why=why, silenced=silenced)


def delivery(token: str, status: int | None, why: str) -> bytes:
    """A text that was for a platform has ended here; `why`: an Undelivered, "" with a status."""
    return _record(Kind.DELIVERY, token=token, status=status, why=why)


def _access(
    message: Message, part: int | None, account: str, status: int | None, why: str
) -> bytes:
    submit = message.submit
    return _record(
        Kind.ACCESS,
        user=submit.user,
        cid=message.cid,
        account=account,
        to=submit.destination,
        token=submit.token,
        part=part,
        parts=len(message.states),
        status=status,
        why=why,
    )


def _record(kind: Kind, **fields: Any) -> bytes:
    return _encode({"n": 0, "at": round(time.time(), 3), "kind": kind, **fields}).encode()
