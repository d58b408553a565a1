"""Metrics: what is measured, and how a question about it becomes SQL and then an answer.

    vocabulary   the words of questions: units, dimensions, comparisons
    source       where a metric reads from: sources and their relations, read over spans
    metric       the kinds of metrics: Measure, Median, Level, Ratio
    query        questions and answers as values: Scope, MeasureQuery, MeasureResult
    catalog      the metrics, a file a section
    sources      the SQL of facts, a file a source
    compiler     questions to statements; pure
    execution    the I/O: snapshot, loader, read session
    results      a number, a heat map, peaks, the numbers of a list
    privacy      what a reader may see of people and money; small groups
    explore      tables of any metrics by any dimensions
    analyses     what sections show besides metrics: retention, stock cover, maintenance status
    notes        notes on the quality of the data behind a number
    display      names, labels, formats

To follow a number, read `metric`, then `catalog.usage` and `sources.events`, then `results.number` down to
`execution.snapshot`. This package knows no GraphQL, no HTTP and no queue.
"""
