"""Metrics: what is measured, and how a question about it becomes SQL and an answer.

    vocabulary   the words of questions: units, dimensions, comparisons
    source       where a metric reads from: relations, and the spans they are read for
    metric       a Measure, a Median, a Ratio
    query        Scope, Ask, Answer: a question as values
    catalog      the metrics, a file a section
    sources      the SQL of facts, a file a source
    compiler     questions to statements; pure
    execution    the I/O: snapshot, loader, read session
    results      a number, a heat map, peaks, the numbers of a list
    privacy      small groups of people are hidden
    explore      tables of any metrics by any dimensions
    analyses     what sections show beside metrics: retention, stock cover, maintenance status
    notes        what a reader of a number should know of its data
    display      names, labels, formats

To follow a number, read `metric`, then `catalog.usage` and `sources.events`, then `results.number` down to
`execution.snapshot`. This package knows no GraphQL, no HTTP and no queue.
"""
