"""GraphQL over WebSocket, by the protocol graphql-transport-ws.

door                who may open a socket, and how it ends
conversation        what is said on one: the state machine
message             what clients may say
closing             how it can end
origin              whose pages may open sockets
wire                the server's side of the connection below: pings, and readers that do not read
"""

from makrcave_analytics.web.socket.conversation import SocketLimits, Subscribe, Surroundings
from makrcave_analytics.web.socket.door import SocketDoor
from makrcave_analytics.web.socket.origin import origin_of
from makrcave_analytics.web.socket.wire import Wire

__all__ = ["SocketDoor", "SocketLimits", "Subscribe", "Surroundings", "Wire", "origin_of"]
