"""Rendering: content as a file. Modules are imported when a format is first used: fonts and charts need much memory.

render      picks the writer of a format
csv         rows by COPY
xlsx        a workbook
pdf         pages
charts      charts as Vega-Lite specifications
color       colours that can be read on each other
values      values as people write them
sanitize    foreign text made safe for each format
"""
