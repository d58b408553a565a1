"""Rendering: content as a file. Writers are imported when a format is first used: fonts and charts need much memory.

render         writes the file of a report
file_format    all that differs between formats
formats        a module for each format
registry       the formats by name
file_names     names of files for people
staging        files that a library writes to disk, copied into the storage
csv            rows by COPY
xlsx           a workbook
pdf            pages
charts         charts as Vega-Lite specifications
color          colours that can be read on each other
values         values as people write them
sanitize       foreign text made safe for each format
"""
