"""Templates: what a report of each type holds, with the definition of the type. A module for each subject.

custom       CUSTOM: the table of an explore question
equipment    EQUIPMENT: use, revenue and maintenance of machines
executive    EXECUTIVE: two pages for a board
inventory    INVENTORY: consumption, cost, waste, what to reorder
lists        EQUIPMENT_LIST and INVENTORY_LIST: the registries
members      MEMBERS: who joins, stays and comes
person       MEMBER_DATA: all that is kept of one person
projects     PROJECTS: started, finished, cost
revenue      REVENUE: money in and back
usage        USAGE: who comes, when, and what they do
parts        totals, charts and heatmaps that templates are made of
tables       breakdowns as tables
"""
