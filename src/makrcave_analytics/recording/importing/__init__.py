"""Import of files: what people have in spreadsheets and exports, recorded as the API would record it.

    kinds                   what a file may hold, and what older exports called its columns
    columns, cells, times   from a header to fields; from a cell to a value
    readers                 rows out of CSV, XLSX and NDJSON
    row_ids                 ids for rows that have none, from their content
    already_recorded        ids that are in the database already
    rejects                 refused rows, each with its reason, in a file of their own
    dry_run                 a database that rolls back
    importer                the whole: check the file, then record batch after batch

A file is read twice: first all of it is checked, so that a bad file changes nothing, then it is recorded. An import
that broke off is run again: what was recorded is a duplicate. Knows no command line.
"""

from makrcave_analytics.recording.importing.dry_run import DryRunDatabase
from makrcave_analytics.recording.importing.importer import Progress, Summary, import_file
from makrcave_analytics.recording.importing.kinds import KINDS, ImportTarget

__all__ = ["KINDS", "DryRunDatabase", "ImportTarget", "Progress", "Summary", "import_file"]
