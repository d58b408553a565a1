"""Compiler: turns questions about measures into SQL statements. Pure: it does no I/O and knows no source.

select     the SELECT of one branch of a UNION
single     questions about one makerspace
network    questions about many makerspaces
combine    the rows of several SELECTs in one statement
"""
