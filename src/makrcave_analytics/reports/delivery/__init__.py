"""Delivery: notifications of a report's end.

outbox        rows of notifications that are owed
dispatcher    sends them, with retries
message       what a notification says
webhook       by HTTP
mail          by SMTP
"""
