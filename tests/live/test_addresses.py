"""Only addresses that are everybody's are called (attack A16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.live.addresses import is_public

REFUSED = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("100.64.0.1", "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:7f00:1::", "2001:0:808:808:0:0:f5ff:fffe"),
    *("fec0::1", "fec0::a00:1", "::ffff:0:7f00:1", "::ffff:0:a00:1", "5f00::1", "4000::1"),
    *("", "localhost", "0x7f000001", "2130706433", "127.1", "1.2.3.4.5", "8.8.8.8:443"),
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_of_this_machine_or_network_is_not_called_however_it_is_wrapped(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_that_is_everybodys_is(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_wrapping_of_a_private_address_is_public(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    wrapped = [
        f"::ffff:{high}:{low}",
        f"::{high}:{low}",
        f"::ffff:0:{high}:{low}",
        f"64:ff9b::{high}:{low}",
        f"2002:{high}:{low}::1",
    ]
    assert not [one for one in (str(address), *wrapped) if is_public(one)]
