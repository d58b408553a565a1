"""Analyses: what sections show that is not a metric of the catalogue.

retention             cohorts and who stays
visit_frequency       members by number of visits
stock_cover           for how many days the stock lasts
maintenance_status    when each machine is due
project_status        how far each project is
current_counts        counts as of now
currencies            the currencies of payments
"""
