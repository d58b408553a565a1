"""GraphQL over WebSocket, by the protocol graphql-transport-ws.

endpoint      who may open a socket, and how it ends
session       one connection's state machine
message       what clients may send
close_codes   how it can end
origin        which pages may open sockets
transport     the server's side of the connection: pings, and clients that do not read
"""

from makrcave_analytics.web.socket.endpoint import SocketEndpoint
from makrcave_analytics.web.socket.origin import origin_of
from makrcave_analytics.web.socket.session import SocketLimits, Subscribe, Surroundings
from makrcave_analytics.web.socket.transport import Transport

__all__ = ["SocketEndpoint", "SocketLimits", "Subscribe", "Surroundings", "Transport", "origin_of"]
