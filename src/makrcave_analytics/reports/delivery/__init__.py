"""Delivery: who asked for a report is notified of its end.

outbox        notifications that are owed, as rows
dispatcher    sends them, with retries
message       what a notification says
webhook       by HTTP
mail          by SMTP
"""
