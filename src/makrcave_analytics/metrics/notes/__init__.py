"""Notes: what a reader of a number should know of its data.

common       notes on any scope
usage        notes on usage
equipment    notes on sessions at machines
"""
