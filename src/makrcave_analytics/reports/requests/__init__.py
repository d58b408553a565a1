"""Requests: a report asked for, found, changed and downloaded by people.

context       who asks, where and when
validation    the check of a request
create        a request stored as a row
queries       reports found
changes       cancel, retry, delete
progress      how far reports are
download      signed links and the files behind them
"""
