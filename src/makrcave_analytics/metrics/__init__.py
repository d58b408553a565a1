"""What is measured: declarations of metrics, and what turns questions about them into statements and numbers.

A number is declared once: a section's file has its metrics, each over a source; a source has one SELECT for whatever is
asked of it. Read `metric`, then `usage` and `events`; then follow a number from `number` to `run`.

The catalogue
    vocabulary, metric                  the words; a Measure, a Median, a Ratio, and the Source that they are read from
    usage, equipment, inventory, projects, revenue    the metrics, a file a section
    catalog, pages                      all of them in order; the same as a page for people

Sources: the SQL of facts and names, for spans and dimensions
    events, presence, visits, people    what happened, who was there, who belongs
    sessions, bookable, machines, maintenance    how machines are used, could be, are, and when they are due
    consumption, stock                  what is used up, and what is left
    milestones, payments                projects from start to end; money on its date, and as it is earned
    branch, cells, cuts, fence, bits    what sources are put together from

From a question to its answer
    query                               Scope, Ask, Answer: what is asked, as values
    compile, across                     asks → one statement a source; the same for many makerspaces at once. Pure
    transaction, run, batch, reading    the I/O: a snapshot of one version; what is asked together, answered together
    together                            several SELECTs as one statement
    number, many                        a metric in a scope: total, series, breakdown; the same for each thing of a list
    table_input, table, table_notes     any metrics by any dimensions

What sections show beside metrics
    week, rhythm, bands, retention      when it is busy, how often people come, who stays
    upkeep, cover, progress, standing   machines, items, projects, and a makerspace, as of now
    currencies, beginning               in which money; on which day all time begins
    notes, usage_notes, openness        what the reader of a number should know

Who sees what
    privacy, groups, suppression        small groups of people are hidden
    unmasking                           people chosen by their pseudonyms

What people read
    names, labels, format               names beside ids, words for keys, numbers in a makerspace's language

Knows no GraphQL, no HTTP and no queue.
"""
