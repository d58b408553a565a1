"""Results: the values of a metric in a scope.

number            total, series, breakdown
list_breakdown    numbers of each row of a list, from one breakdown
heatmap           the 168 hours of a week
peaks             the busiest hour and day
"""
