"""Files in: what people have in spreadsheets and exports, recorded row by row as the API would record it.

    kinds                   what a file may hold, and what older exports called its columns
    columns, cells, times   from a header to fields; from a cell to a value
    source, opening         a file of rows, and of which kind it is
    csv, xlsx, ndjson       the kinds, read
    identity                an id for rows that have none, from their content
    known                   what is in already
    rejects                 the rows that were refused, each with its reason, in a file of their own
    rehearsal               a database that forgets: for dry runs
    run                     the whole: check the file, then batch after batch

A file is read twice: first all of it is checked, so that a bad file changes nothing, then it is recorded. Whatever
becomes of a run, it is run again: what is in is a duplicate. Knows no command line.
"""

from makrcave_analytics.recording.importing.kinds import KINDS, Desk
from makrcave_analytics.recording.importing.rehearsal import Rehearsal
from makrcave_analytics.recording.importing.run import Progress, Summary, import_file

__all__ = ["KINDS", "Desk", "Progress", "Rehearsal", "Summary", "import_file"]
