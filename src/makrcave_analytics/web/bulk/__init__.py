"""The bulk door: events of any number over plain HTTP, as JSON or as a line each.

door       who may, what came of it
lines      a body taken apart line by line, as it comes in
decoding   JSON → events, each judged on its own
tally      what the sender is told
"""

from makrcave_analytics.web.bulk.door import OpenRecording, events_route

__all__ = ["OpenRecording", "events_route"]
