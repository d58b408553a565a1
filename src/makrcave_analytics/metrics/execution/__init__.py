"""Execution: the I/O of reading. All reads of an operation come from one snapshot of one version.

transaction    a read transaction, opened on first use
snapshot       the read transaction of one makerspace, or of many
dataloader     collects keys and fetches their values together
session        a snapshot with its loaders
"""
