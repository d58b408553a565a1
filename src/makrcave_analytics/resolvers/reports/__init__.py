"""Resolvers of reports.

reports          reports and requests for them
schedules        schedules of reports
subscriptions    the progress of reports, and changes of data
"""
