"""Reports: requested as a row, rendered by a worker, downloaded by a signed link.

    vocabulary    types, formats, states
    inputs        requests as they come in
    ids           ids of reports and schedules for clients
    report        a report as a value
    recipients    who is notified when a report has ended
    spec          what a report is asked for by
    content       what a report holds, independent of its format
    rendering     a report's content as CSV, XLSX or PDF
    storage       files in a folder or an object store
    requests      a request checked, stored, found, changed, downloaded
    jobs          a report from its claim by a worker to its end
    schedules     reports requested by the clock
    delivery      mail and webhooks

This package knows no GraphQL, no HTTP server and no queue.
"""
