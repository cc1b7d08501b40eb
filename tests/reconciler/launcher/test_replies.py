"""Turns of the reactor that the answers of Redis take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reconciler.launcher import inside
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

# Two answers in one piece, as a Redis sends them: a hash of three, and a number. What each means,
# and how many turns it took until both had been read.
PROGRAM = r"""
import importlib, json, sys
getattr(importlib.import_module("replies"), sys.argv[1])()
from jasmin.redis.client import RedisForJasminProtocol
from twisted.internet import reactor

class Transport:
    disconnecting = False
    def pauseProducing(self): pass
    def resumeProducing(self): pass

heard, turns = [], 0
protocol = RedisForJasminProtocol()
protocol.transport, protocol.replyReceived = Transport(), heard.append
parts = [b"level", b"3", b"url", b"http://127.0.0.1/dlr/t1", b"sc", b"httpapi"]
answer = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
protocol.dataReceived(b"*%d\r\n%s:7\r\n" % (len(parts), answer))
while len(heard) < 2:
    turns += 1
    reactor.callLater(0, lambda: None)
    reactor.iterate()
print(json.dumps([turns, heard]))
"""
HEARD = [["level", 3, "url", "http://127.0.0.1/dlr/t1", "sc", "httpapi"], 7]


def turns(way: str) -> int:
    done = inside.run(PROGRAM, way)
    assert done.returncode == 0, done.stderr
    turns, heard = json.loads(done.stdout)
    assert heard == HEARD
    return turns


def test_stock_jasmin_takes_a_turn_for_each_part():
    assert turns("leave_out") == 6


def test_the_launcher_takes_none():
    assert turns("correct") == 0


def has_loaded_it(desk: Desk) -> bool:
    """The parser is a library in C: the kernel knows who has it."""
    return "hiredis" in Path(f"/proc/{desk.jasmin.pid}/maps").read_text()


def test_a_stock_jasmin_runs_without_the_parser(stock: Desk):
    assert not has_loaded_it(stock)


def test_the_launcher_runs_with_it(launched: Desk):
    assert has_loaded_it(launched)
