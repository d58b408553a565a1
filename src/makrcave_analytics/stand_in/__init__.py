"""The stand-in: a sample where a makerspace has no facts, or its database is away. Only where that is asked for.

It takes the place of the database for reading one makerspace and for nothing else: what is recorded, asked for and
listed goes to the database, or fails. Whom it stands in for keeps id and name; all the rest is a sample's, in a
database of its own under the same id, so that every query works on it unchanged, and its origin says SAMPLE wherever
it is shown. Knows no GraphQL.

reads     whether a makerspace is read itself, or its sample
samples   samples, made when they are first read
server    the database that they are kept in
"""

from makrcave_analytics.stand_in.reads import StandIn
from makrcave_analytics.stand_in.samples import Samples
from makrcave_analytics.stand_in.server import sample_server

__all__ = ["Samples", "StandIn", "sample_server"]
