"""Answers from sample data while a makerspace has no facts or its database is away. Only with USE_MOCK_DATA.

It replaces the database for reading one makerspace, and for nothing else: recording, report requests and lists of
makerspaces use the database, or fail. The makerspace keeps its id and name; everything else is sample data, stored
under the same id in a separate database, so that every query works unchanged. Its origin is SAMPLE wherever shown.
Knows no GraphQL.

reads     chooses for each snapshot: the makerspace's own data or its sample
samples   sample makerspaces, made when first read
server    the PostgreSQL server that keeps the samples
"""

from makrcave_analytics.sample_fallback.reads import SampleFallback
from makrcave_analytics.sample_fallback.samples import Samples
from makrcave_analytics.sample_fallback.server import sample_server

__all__ = ["SampleFallback", "Samples", "sample_server"]
