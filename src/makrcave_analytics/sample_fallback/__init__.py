"""Sample fallback: a sample where a makerspace has no facts, or its database is away. Only where settings ask for it.

It takes the place of the database for reading one makerspace and for nothing else: what is recorded, requested and
listed goes to the database, or fails. The makerspace keeps its id and name; all the rest is a sample's, in a database
of its own under the same id, so that every query works on it unchanged. Its origin says SAMPLE wherever it is shown.
Knows no GraphQL.

reads     whether a makerspace is read itself, or its sample
samples   samples, made when they are first read
server    the database that they are kept in
"""

from makrcave_analytics.sample_fallback.reads import SampleFallback
from makrcave_analytics.sample_fallback.samples import Samples
from makrcave_analytics.sample_fallback.server import sample_server

__all__ = ["SampleFallback", "Samples", "sample_server"]
