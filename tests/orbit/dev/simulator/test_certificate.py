"""The certificate of a carrier that was given none."""

from __future__ import annotations

import ssl

import pytest
from cryptography import x509

from orbit.dev.simulator import SimulatorThread
from orbit.dev.simulator.certificate import self_signed

LOCAL = ["localhost", "127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", LOCAL),
        ("localhost", LOCAL),
        ("192.0.2.7", [*LOCAL, "192.0.2.7"]),
        ("carrier.example", [*LOCAL, "carrier.example"]),
    ],
)
def test_it_is_of_the_host_and_of_this_machine(host, names):
    context, pem = self_signed(host)

    found = x509.load_pem_x509_certificate(pem.encode())
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each.value) for each in said] == names
    assert isinstance(context, ssl.SSLContext)


def test_a_carrier_without_tls_has_no_port_for_it():
    smsc = SimulatorThread(tls=False)
    with pytest.raises(ValueError, match="tls=False"):
        _ = smsc.tls_port
    smsc.close()
    smsc.close()  # once more is no error
