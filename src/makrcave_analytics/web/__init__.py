"""HTTP and WebSocket around the schema.

    routes                 which endpoint answers at which address, and the middleware around all
    graphql_endpoint       GraphQL by POST or GET
    body, parameters, negotiation, responses    read a request, write its answer
    bulk                   recorded events of any number
    socket                 GraphQL over WebSocket, with subscriptions
    download_endpoint, report_page    report files by signed links; the page that mail links to
    console                GraphiQL
    health, access_log     liveness and readiness; one log line per request
    security, http_error   security headers; errors of HTTP itself

`build` makes the application from the parts that the composition root hands in. The room holds no numbers and no SQL.
"""

from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.routes import Parts, build
from makrcave_analytics.web.socket import SocketLimits, origin_of

__all__ = ["BodyLimits", "Console", "Parts", "SocketLimits", "build", "origin_of"]
