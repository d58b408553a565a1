"""Requests: people request, find, change and download reports.

context       who asks, where and when
validation    the check of a request
create        a request as a row
queries       one report, or a page of them
changes       cancel, retry, delete
progress      how far reports are
download      signed links and the files behind them
"""
