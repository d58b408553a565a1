"""Three sample makerspaces with a year of plausible facts: the same for the same seed, now and scale.

    filling                 fills and clears makerspaces
    settings                the chosen values: names, zones, hours, prices
    plan, holidays, logo    what the draws start from: days, how busy each is, random sources
    people, visits, events  the members, when they come, and what they do
    machines, sessions      machines, their uses and downtime
    stock, projects, money  consumption, projects and revenue
    scratch                 bulk inserts and temporary tables

Small tables are drawn here, large ones by statements in the database. Everything is written as the owner of the
tables, past row-level security and past the checks of recording: the rows must satisfy those checks by construction.
"""

from makrcave_analytics.sample.filling import SampleOptions, clear_sample, fill_sample
from makrcave_analytics.sample.settings import MAKERSPACES, SampleMakerspace, member_id

__all__ = ["MAKERSPACES", "SampleMakerspace", "SampleOptions", "clear_sample", "fill_sample", "member_id"]
