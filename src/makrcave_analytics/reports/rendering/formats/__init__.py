"""Formats: a module for each kind of file, with its Format. Writers that need much memory are imported when used.

csv     rows by COPY, or one table
xlsx    a workbook
pdf     pages
"""
