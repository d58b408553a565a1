"""Privacy: what a reader may see of people and money, and how small groups of people are hidden.

suppression     which groups to hide, so that none can be computed from the others
small_groups    suppression in numbers and breakdowns
table_cells     suppression in table cells
visibility      what a reader may see of people and money: every reader asks it
"""
