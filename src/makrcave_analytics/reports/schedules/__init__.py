"""Schedules: reports that are requested by the clock.

schedule    a schedule, and its changes
cron        cron expressions
due         schedules that are due, run once
"""
