"""Reports: asked for as a row, made by a worker, downloaded by a signed link.

    vocabulary    types, formats, states
    inputs        what can be asked for
    ids           ids of reports and schedules for clients
    report        a report as a value
    recipients    who is notified when a report has ended
    spec          what a report is asked for by
    content       what a report holds, independent of its format
    rendering     a report's content as CSV, XLSX or PDF
    storage       where files lie: a folder or an object store
    requests      a request checked, stored, found, changed, downloaded
    jobs          a report from its claim to its end
    schedules     reports asked for again and again
    delivery      mail and webhooks

This package knows no GraphQL, no HTTP server and no queue.
"""
