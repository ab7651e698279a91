"""Under which names a server answers, and which pages are its own."""

import socket

import pytest

from ui.hosts import LOOPBACK, reached, served


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.8.8:7860", "[::1]:7860"])
def test_loopback_is_always_served(host: str) -> None:
    """Whatever else is."""
    for hosts in (LOOPBACK, served("0.0.0.0"), served("192.0.2.7"), served("127.0.0.1", ["notes.example"])):
        assert hosts.has(host)


def test_an_address_is_served_by_itself_and_the_machine_s_name() -> None:
    """And by the names that were given; not by other addresses."""
    hosts = served("192.0.2.7", ["Notes.example"])
    assert all(map(hosts.has, ("192.0.2.7:7860", socket.gethostname(), "notes.example", "NOTES.EXAMPLE:443")))
    assert not any(
        map(hosts.has, ("192.0.2.8", "evil.example", "", "notes.example.evil.example", "notes.example@evil"))
    )


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_all_addresses_are_served_in_numbers(bound: str) -> None:
    """No site can take a number of this machine's; a name it can."""
    hosts = served(bound)
    assert all(map(hosts.has, ("192.0.2.7", "10.0.0.1:7860", "[2001:db8::1]:7860", f"{socket.gethostname()}.local")))
    assert not any(map(hosts.has, ("evil.example", "10.0.0.1.evil.example", "[::1", "0x7f.1", "")))


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:7860", "localhost:7860", True),
        ("http://127.0.0.1:7860", "localhost:7860", True),
        ("https://notes.example", "notes.example", True),
        ("https://notes.example", "notes.example:443", True),
        ("http://localhost:3000", "localhost:7860", False),
        ("http://evil.example:7860", "localhost:7860", False),
        ("null", "localhost:7860", False),
        ("file://", "localhost", False),
        ("http://localhost:7860@evil.example", "localhost:7860", False),
        ("http://[bad", "localhost", False),
        ("http://localhost:99999", "localhost:99999", False),
    ],
)
def test_a_page_of_one_s_own(origin: str, host: str, own: bool) -> None:  # noqa: FBT001 - what is expected
    """Has the same place, port included: another program of this machine serves another one."""
    assert LOOPBACK.is_own(origin, host) is own


def test_how_this_machine_reaches_itself() -> None:
    """All addresses are none that can be asked."""
    assert [reached(host) for host in ("0.0.0.0", "::", "192.0.2.7", "fe80::1")] == [
        "127.0.0.1",
        "[::1]",
        "192.0.2.7",
        "[fe80::1]",
    ]
