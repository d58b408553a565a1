"""Schedules: reports asked for again and again.

schedule    a schedule, and its changes
cron        when it is due
due         the runs that are due now
"""
