"""Which addresses on the network may be called: only those that are everybody's (security.md, attack A16)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
_EVERYBODYS = IPv6Network("2000::/3")
"""All that was ever given out. Python takes site-local and translated addresses beside it for global."""


def is_public(text: str) -> bool:
    """Whether this address, and any that is hidden in it, belongs to the whole Internet."""
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return all(map(_is_everybodys, _all(found)))


def _is_everybodys(one: IPv4Address | IPv6Address) -> bool:
    given_out = isinstance(one, IPv4Address) or one in _EVERYBODYS
    return given_out and one.is_global and not one.is_multicast


def _all(found: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """What is really called: Python takes addresses that hold an IPv4 one for global, whatever that is."""
    if isinstance(found, IPv4Address):
        return [found]
    if found.ipv4_mapped is not None:
        return [found.ipv4_mapped]
    if found in _NAT64:
        return [IPv4Address(int(found) & 0xFFFF_FFFF)]
    inner = [] if found.sixtofour is None else [found.sixtofour]
    return [found, *inner, *(found.teredo or ())]
