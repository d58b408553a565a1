"""Compiler: turns questions into one statement for each source. Pure: it does no I/O.

select     the SELECT of one branch of a UNION
single     questions about one makerspace
network    questions about many makerspaces
combine    several SELECTs as one statement
"""
