"""Import of files: rows of spreadsheets and exports, recorded as the API would record them.

    kinds                   the kinds of files, and older names of columns
    columns, cells, times   from a header to fields; from a cell to a value
    readers                 rows out of CSV, XLSX and NDJSON
    file_checks, batches    checks of a whole file; batches, read ahead
    row_ids                 ids for rows without one, made of their content
    already_recorded        ids that are in the database already
    rejects, summary        refused rows with reasons, as a file; the counts
    dry_run                 a database that rolls back
    importer                the import of one file

A file is read twice: first all of it is checked, so that a bad file changes nothing, then it is recorded. An import
that broke off is run again: rows that were recorded are duplicates. Knows no command line.
"""

from makrcave_analytics.recording.importing.dry_run import DryRunDatabase
from makrcave_analytics.recording.importing.file_checks import Progress
from makrcave_analytics.recording.importing.importer import import_file
from makrcave_analytics.recording.importing.kinds import KINDS, ImportTarget
from makrcave_analytics.recording.importing.summary import Summary

__all__ = ["KINDS", "DryRunDatabase", "ImportTarget", "Progress", "Summary", "import_file"]
