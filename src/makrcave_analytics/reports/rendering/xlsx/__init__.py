"""XLSX: content as a workbook.

workbook    the whole file
sheet       one sheet
cells       values as cells
frame       facts as a frame of columns
"""
