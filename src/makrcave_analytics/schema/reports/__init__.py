"""Types of reports.

report      reports and requests for them
schedule    schedules of reports
"""
