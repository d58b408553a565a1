"""Sockets to the servers of these tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.plugins.socket_client import PROTOCOL, Talk
from websockets.sync.client import connect


@pytest.fixture
def open_socket(token: str) -> Iterator[Callable[..., Talk]]:
    """Opens sockets to servers. All are closed with the test."""
    with ExitStack() as opened:

        def open_one(api: Any, *, subprotocols: Any = (PROTOCOL,), path: str = "/graphql", **more: Any) -> Talk:
            url = f"ws://{api.address[0]}:{api.address[1]}{path}"
            socket = connect(url, subprotocols=subprotocols, proxy=None, close_timeout=5, **more)
            return Talk(opened.enter_context(socket), token)

        yield open_one


@pytest.fixture
def socket(api: Any, open_socket: Callable[..., Talk]) -> Talk:
    """A socket without a message yet."""
    return open_socket(api)


@pytest.fixture
def talk(socket: Talk) -> Talk:
    """A socket after connection_init."""
    return socket.greet()
