"""Sizes of the benchmarks. The environment may set each, for a short run; 0 leaves a road out."""

from __future__ import annotations

import os


def _size(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))


MESSAGES = _size("ROAD_MESSAGES", 20_000)  # of the campaign
KANNEL = _size("ROAD_KANNEL", MESSAGES)  # messages
BATCHES = _size("ROAD_BATCHES", 20)  # POSTs of `BATCH` messages
SINGLES = _size("ROAD_SINGLES", 3_000)  # POSTs of one message
BATCH = _size("ROAD_BATCH", 500)
CONNECTIONS = _size("ROAD_CONNECTIONS", 16)  # of single POSTs
BATCH_CONNECTIONS = _size("ROAD_BATCH_CONNECTIONS", 2)
WINDOW = _size("ROAD_WINDOW", 50)  # submits in flight on each trunk, Kannel's too
TOP = _size("ROAD_TOP", 10)  # statements that are shown
QUEUE = _size("ROAD_QUEUE", 100_000)  # messages of one organisation
OTHERS = _size("ROAD_OTHERS", 10)  # messages of another organisation beside them
ROUNDS = _size("ROAD_ROUNDS", 5)  # of each stage in process
POSTS = _size("ROAD_POSTS", 200)  # single POSTs in process
REFUSALS = _size("ROAD_REFUSALS", 500)  # answers of each kind in process
BESIDE = _size("BESIDE_SECONDS", 120)  # of work alone, and beside a hostile tenant
BESIDE_REST = _size("BESIDE_REST", 60)  # seconds in which the tenant's limits become whole again
BESIDE_PACE = _size("BESIDE_PACE", 100)  # messages/s of its campaign
BESIDE_POSTS = _size("BESIDE_POSTS", 5)  # single POSTs a second
BESIDE_PUSH = _size("BESIDE_PUSH", 2)  # seconds between two new credentials
# Instead of those that are shipped: "API_CPU_LIMIT=1/12,PASS_TIME_LIMIT=5/60"
BESIDE_LIMITS = dict(
    each.split("=", 1) for each in os.environ.get("BESIDE_LIMITS", "").split(",") if each
)
HOSTILE_PAUSE = _size("HOSTILE_PAUSE", 50)  # ms between two requests of each of its 14 threads
# Of `test_two_way`: small ones, for a try. Its aims are for a campaign of 20,000 and 60 s of texts.
TEXTS = _size("TWO_WAY_TEXTS", 200)  # a second
TEXTS_SECONDS = _size("TWO_WAY_SECONDS", 10)
CAMPAIGN = _size("TWO_WAY_CAMPAIGN", 3_000)  # messages
CAMPAIGN_PACE = _size("TWO_WAY_PACE", 500)  # a second
STOPS = _size("TWO_WAY_STOPS", 50)  # in its course
PLATFORM_STOPS = _size("TWO_WAY_PLATFORM_STOPS", 3)  # by numbers that a platform submits to
IMPORT = _size("TWO_WAY_IMPORT", 100_000)  # opt-outs
GATE_ROUNDS = _size("TWO_WAY_ROUNDS", 3)
GATE_MESSAGES = _size("TWO_WAY_MESSAGES", 500)  # of each organisation in each round, by each way
PATIENCE = float(_size("ROAD_PATIENCE", 900))  # seconds
