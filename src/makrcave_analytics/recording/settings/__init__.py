"""Settings of a makerspace.

options        each setting and its check
makerspaces    makerspaces created and updated
time_zone      a change of time zone
"""
