"""Results: what a metric in a scope answers.

number            total, series, breakdown
list_breakdown    the numbers of each row of a list, from one breakdown
heatmap           the 168 hours of a week
peaks             the busiest hour and day
"""
