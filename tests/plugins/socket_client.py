"""A client of graphql-transport-ws on `websockets`, which can also send invalid messages."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

PROTOCOL = "graphql-transport-ws"


class SocketClient:
    """One WebSocket connection."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket = socket
        self._token = token

    def send(self, message: Any) -> None:
        """Send text and bytes as they are, and all else as JSON."""
        self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def receive(self) -> Any:
        return json.loads(self.socket.recv(timeout=20))

    def initialize(self, **payload: Any) -> "SocketClient":
        """Send connection_init with the token, and wait for connection_ack."""
        self.send({"type": "connection_init", "payload": payload or {"Authorization": f"Bearer {self._token}"}})
        assert self.receive() == {"type": "connection_ack"}
        return self

    def subscribe(self, name: str, query: str, **more: Any) -> None:
        self.send({"type": "subscribe", "id": name, "payload": {"query": query, **more}})

    def ask(self, query: str, **more: Any) -> list[Any]:
        """Run one operation to its end, and return the messages about it, without the id."""
        self.subscribe("ask", query, **more)
        messages = []
        while not messages or messages[-1]["type"] == "next":
            messages.append(self.receive())
            assert messages[-1].pop("id") == "ask"
        return messages

    def wait_for_close(self) -> tuple[int, str]:
        """Read until the server closes the connection; return its code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            self._receive_all()
        assert closed.value.rcvd is not None, "no close frame: 1006"
        return closed.value.rcvd.code, closed.value.rcvd.reason

    def _receive_all(self) -> None:
        while True:
            self.socket.recv(timeout=20)
