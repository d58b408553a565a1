"""What stands around the schema over HTTP: body guard, sockets, downloads, health, console, mail's page, logs.

`build` makes the application of the parts that the composition root hands in. Holds no number and no SQL.
"""

from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.routes import Parts, build
from makrcave_analytics.web.socket import SocketLimits, origin_of

__all__ = ["BodyLimits", "Console", "Parts", "SocketLimits", "build", "origin_of"]
