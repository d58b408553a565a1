"""Facts: the kinds of facts, each declared once.

kind         what a kind declares
registry     all kinds
events       usage events
sessions     sessions at machines
inventory    items used up or added
revenue      payments
"""
