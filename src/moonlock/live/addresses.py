"""Which addresses on the network may be called: only those that are everybody's (security.md, attack A16)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64, _LOCAL_NAT64 = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")


def is_public(text: str) -> bool:
    """Whether this address, and any that is hidden in it, belongs to the whole Internet."""
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return found not in _LOCAL_NAT64 and all(one.is_global and not one.is_multicast for one in _all(found))


def _all(found: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """What is really called: Python takes addresses that hold an IPv4 one for global, whatever that is."""
    if isinstance(found, IPv4Address):
        return [found]
    if found.ipv4_mapped is not None:
        return [found.ipv4_mapped]
    last = IPv4Address(int(found) & 0xFFFF_FFFF)
    if found in _NAT64:
        return [last]
    inner = [] if found.sixtofour is None else [found.sixtofour]
    inner += found.teredo or ()
    compatible = int(found) >> 32 == 0  # ::a.b.c.d, which nobody uses any more
    return [found, *inner, *([last] if compatible else [])]
