"""A client of graphql-transport-ws, built on `websockets`, that says whatever a test likes."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

PROTOCOL = "graphql-transport-ws"


class Talk:
    """One socket."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket = socket
        self._token = token

    def say(self, message: Any) -> None:
        """Send text and bytes as they are, and all else as JSON."""
        self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def hear(self) -> Any:
        return json.loads(self.socket.recv(timeout=20))

    def greet(self, **payload: Any) -> "Talk":
        """Say who it is, and wait until that is believed."""
        self.say({"type": "connection_init", "payload": payload or {"Authorization": f"Bearer {self._token}"}})
        assert self.hear() == {"type": "connection_ack"}
        return self

    def start(self, name: str, query: str, **more: Any) -> None:
        self.say({"type": "subscribe", "id": name, "payload": {"query": query, **more}})

    def ask(self, query: str, **more: Any) -> list[Any]:
        """Run one operation to its end, and return what was said of it, without the id."""
        self.start("ask", query, **more)
        heard = []
        while not heard or heard[-1]["type"] == "next":
            heard.append(self.hear())
            assert heard[-1].pop("id") == "ask"
        return heard

    def ending(self) -> tuple[int, str]:
        """Read until the server closes, and return its code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            self._read_on()
        assert closed.value.rcvd is not None, "cut off: 1006"
        return closed.value.rcvd.code, closed.value.rcvd.reason

    def _read_on(self) -> None:
        while True:
            self.socket.recv(timeout=20)
