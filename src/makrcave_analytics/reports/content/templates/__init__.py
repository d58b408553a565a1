"""Templates: what a report of each type holds, with the definition of the type. A module for each subject.

custom       CUSTOM: the table of an explore question
equipment    EQUIPMENT: use, revenue and maintenance of machines
executive    EXECUTIVE: two pages for a board
inventory    INVENTORY: consumption, cost, waste, what to reorder
lists        EQUIPMENT_LIST and INVENTORY_LIST
members      MEMBERS: joining, leaving, retention
person       MEMBER_DATA: all rows of one person
projects     PROJECTS: started, finished, cost
revenue      REVENUE: payments and refunds
usage        USAGE: events, visits and active members
parts        blocks that templates are made of
tables       breakdowns as tables
"""
