"""What a gateway can do beyond a stock Jasmin, as its console's greeting says. Pure.

A capability is the name of one of our launcher's corrections.
"""

from __future__ import annotations

from collections.abc import Collection

WINDOW, LANES, ADDRESSES, ADMISSION = "window", "lanes", "addresses", "admission"
LANE = "lane"
READINESS = "readiness"

# What is lacking where a capability is not there. Others have no bearing on what we type or trust.
LACKS = {
    "nodelay": "a bind carries about 25 messages/s, whatever its throughput",
    WINDOW: "one submit in flight, whatever the credential's window",
    "at_most_once": "a message may be submitted twice after a kill or a lost answer",
    LANES: "receipts of carriers with equal message ids settle each other's messages",
    ADDRESSES: "senders that are no numbers leave as numbers",
    ADMISSION: "a message whose taking was not confirmed can't be asked for again without doubt",
    READINESS: "whether it takes messages shows only when it has refused one",
    "parts": "long texts are cut inside characters, and after five parts",
}


def lacking(capabilities: Collection[str]) -> list[str]:
    """What a gateway with these lacks, in words."""
    return [text for name, text in LACKS.items() if name not in capabilities]
