"""Notes: sentences on the quality of the data behind numbers.

common       notes on any scope
usage        notes on usage
equipment    notes on equipment sessions
"""
