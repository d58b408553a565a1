"""Analyses: what sections show that is no metric of the catalogue.

retention             cohorts of members and how many stay
visit_frequency       members by number of visits
stock_cover           how many days the stock lasts
maintenance_status    when each machine is due for maintenance
project_status        cost, dates and stalling of each project
current_counts        counts as of now
currencies            the currencies of payments
"""
