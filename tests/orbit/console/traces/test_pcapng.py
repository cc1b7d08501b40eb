"""The file of a trace, read by Debian's tshark, which knows nothing of us."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.tlv import Tlv
from orbit.console.traces import pcapng
from reconciler.gateway_client.traced import TracedPdu

PATH = "/usr/bin:/usr/sbin"
V4, V6 = ("192.0.2.1", 40000, "192.0.2.2", 2775), ("2001:db8::1", 40001, "2001:db8::2", 2776)
SUBMIT = {
    "source_addr": b"ACME", "source_addr_ton": 5, "destination_addr": b"33612345678",
    "short_message": b"hello",
}  # fmt: skip

Read = Callable[..., list[list[str]]]


def traced(number: int, raw: bytes, *, link=V4, is_out: bool = True) -> TracedPdu:
    return TracedPdu(number, 1_764_500_000.25 + number, is_out, link, raw.hex())


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(pdus, "smpp.status")`: these fields of each packet, as tshark reads them."""

    def run(pdus: list[TracedPdu], *fields: str) -> list[list[str]]:
        tshark = shutil.which("tshark", path=PATH)
        assert tshark, "tshark is not installed: run `make test`"
        file = tmp_path / "trace.pcapng"
        file.write_bytes(b"".join(pcapng.written(pdus, comment="a trace")))
        options = ["-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
        wanted = [each for field in fields for each in ("-e", field)]
        command = [tshark, "-r", file, *options, "-T", "fields", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path)})
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    return run


def test_wireshark_reads_what_was_said_between_whom_and_when(read: Read) -> None:
    pdus = [
        traced(1, pdu.write("submit_sm", sequence=7, **SUBMIT)),
        traced(2, pdu.write("submit_sm_resp", sequence=7, status=0x58), is_out=False),
        traced(3, pdu.write("submit_sm", sequence=8, **SUBMIT), link=V6),
    ]

    found = read(
        pdus, "_ws.col.Protocol", "smpp.command_id", "smpp.command_status", "smpp.sequence_number",
        "smpp.destination_addr", "ip.src", "ipv6.dst", "tcp.dstport", "frame.time_epoch",
    )  # fmt: skip

    assert [each[0] for each in found] == ["SMPP"] * 3
    ids = [int(each[1], 16) for each in found]
    assert ids == [4, 0x80000004, 4]
    assert int(found[1][2], 16) == 0x58
    assert [each[3] for each in found] == ["7", "7", "8"]
    assert found[0][4] == "33612345678"
    assert [each[5] for each in found] == ["192.0.2.1", "192.0.2.2", ""]
    assert [each[6] for each in found] == ["", "", "2001:db8::2"]
    assert [each[7] for each in found] == ["2775", "40000", "2776"]
    assert float(found[0][8]) == 1_764_500_001.25


def test_packets_follow_each_other_and_their_checksums_are_right(read: Read) -> None:
    payload = Tlv(0x0424, b"x" * 61_000)
    long = pdu.write("deliver_sm", sequence=3, tlvs=[payload])
    pdus = [
        traced(1, pdu.write("enquire_link", sequence=1)),
        traced(2, long, is_out=False),
        traced(3, pdu.write("enquire_link_resp", sequence=1), is_out=False),
        traced(4, pdu.write("deliver_sm_resp", sequence=3)),
    ]

    fields = ("tcp.checksum.status", "ip.checksum.status", "tcp.analysis.flags", "smpp.command_id")
    found = read(pdus, *fields)

    assert len(found) == 5  # the long one is in two
    assert {each[0] for each in found} == {each[1] for each in found} == {"1"}  # good
    assert {each[2] for each in found} == {""}  # nothing lost, nothing sent twice
    ids = [int(each, 16) for line in found for each in line[3].split(",") if each]
    assert ids == [0x15, 5, 0x80000015, 0x80000005]


def test_it_says_what_it_is(read: Read) -> None:
    (whole,) = [b"".join(pcapng.written([], comment="passwords blanked"))]
    assert whole.startswith(bytes.fromhex("0a0d0d0a")) and b"passwords blanked" in whole
    assert read([], "frame.number") == []
