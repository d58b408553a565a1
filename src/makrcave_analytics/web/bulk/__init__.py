"""The bulk endpoint: events of any number over plain HTTP, as JSON or NDJSON.

endpoint   admission, and the answer
stream     a body split into lines while it arrives
decoding   JSON to events, each judged on its own
summary    what the sender is told
"""

from makrcave_analytics.web.bulk.endpoint import OpenRecording, events_route

__all__ = ["OpenRecording", "events_route"]
