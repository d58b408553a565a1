"""Privacy: small groups of people are hidden from those who may not see people.

suppression     which groups to hide, so that none can be worked out
small_groups    the guards of numbers and breakdowns
table_cells     the guards of table cells
visibility      what a reader may see of people and money: every reader asks it
"""
