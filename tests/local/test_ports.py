"""Ports are free when they are said to be."""

import socket
from collections.abc import Iterator

import pytest

from deploy.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((ports.LOOPBACK, ports.free_port())) as server:
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)


def test_a_server_can_listen_on_a_free_port() -> None:
    port = ports.free_port()
    with socket.create_server((ports.LOOPBACK, port)):
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_port_for_a_server_is_never_one_an_outgoing_connection_could_get() -> None:
    assert ports.free_port() < 32_768


def test_a_stack_takes_the_next_port_of_its_range_when_one_is_taken(taken: int) -> None:
    assert ports.first_free(taken) > taken


def test_a_full_range_is_an_error(taken: int) -> None:
    with pytest.raises(ports.NoFreePort):
        ports.first_free(taken, span=1)


def test_no_port_is_sought_beyond_the_last() -> None:
    with pytest.raises(ports.NoFreePort):
        ports.first_free(ports.END)
