"""The names under which a server answers, and the pages that are its own."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names and addresses that a request's Host may have. Those of loopback always belong to them."""

    names: frozenset[str] = frozenset()
    """In lower case."""
    numbers: bool = False
    """Whether any address in numbers is one: to point a name at this machine (DNS rebinding) takes a name."""

    def has(self, host: str) -> bool:
        """Return whether a Host header names this server."""
        name, _ = _place(f"//{host}")
        return is_loopback(name) or name in self.names or (self.numbers and _is_number(name))

    def is_own(self, origin: str, host: str) -> bool:
        """Return whether a page of an Origin came from where a request with this Host goes."""
        scheme = origin.partition(":")[0]
        (name, port), (own_name, own_port) = _place(origin), _place(f"//{host}")
        usual = PORTS.get(scheme)
        is_same = name == own_name or (is_loopback(name) and is_loopback(own_name))
        return bool(name) and usual is not None and is_same and (port or usual) == (own_port or usual)


LOOPBACK = Hosts()


def served(host: str, more: Iterable[str] = ()) -> Hosts:
    """Return the names of a server that is bound to an address: the address, this machine's name, and some more.

    Bound to all addresses, it answers to each of them, in numbers.
    """
    if is_loopback(host):
        return Hosts(frozenset(map(str.lower, more)))
    own = socket.gethostname().lower()
    return Hosts(frozenset({host.lower(), own, f"{own}.local", *map(str.lower, more)}), numbers=host in _ANY)


def reached(host: str) -> str:
    """Return the host, as in an address, by which this machine reaches a server that is bound to it."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{near}]" if ":" in near else near


def is_same(url: str, other: str) -> bool:
    """Return whether two addresses lead to one server, as far as they say: loopback has several names."""
    (host, port), (other_host, other_port) = _place(url), _place(other)
    usual = PORTS.get(url.partition(":")[0]), PORTS.get(other.partition(":")[0])
    is_one = host == other_host or (is_loopback(host) and is_loopback(other_host))
    return bool(host) and is_one and (port or usual[0]) == (other_port or usual[1])


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by a name or number that no other site can take."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _place(address: str) -> tuple[str, int | None]:
    """Return host and port of an address; an empty host when it has none or cannot be read."""
    try:
        parts = urlsplit(address)
        place = parts.hostname or "", parts.port
    except ValueError:
        return "", None
    return place
