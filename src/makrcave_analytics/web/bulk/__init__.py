"""The bulk endpoint: any number of events over plain HTTP, as JSON or NDJSON.

endpoint   admission, and the answer
stream     splits a body into lines while it arrives
decoding   JSON to events, each checked on its own
summary    what the answer says
"""

from makrcave_analytics.web.bulk.endpoint import OpenRecording, events_route

__all__ = ["OpenRecording", "events_route"]
