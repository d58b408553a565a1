"""What stands around the schema over HTTP.

    routes                  what answers at which address, and through what every request passes
    graphql, body, parameters, negotiation, answer    an operation in by POST or GET, its answer out
    bulk                    events of any number
    socket                  subscriptions
    download, report_page   report files by signed links; where mail leads to
    console                 GraphiQL
    health, requests        whether it lives and works; a line of log a request
    protection, refusal     what every answer carries; what this room itself refuses

`build` makes the application of the parts that the composition root hands in. Holds no number and no SQL.
"""

from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.routes import Parts, build
from makrcave_analytics.web.socket import SocketLimits, origin_of

__all__ = ["BodyLimits", "Console", "Parts", "SocketLimits", "build", "origin_of"]
