"""Checks of single values.

fields           texts, numbers, instants
metadata         free JSON of an event
opening_hours    weekly hours and closures
image            a logo: PNG or JPEG
"""
