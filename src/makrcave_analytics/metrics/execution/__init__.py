"""Execution: the I/O of reading. All reads of an operation come from one snapshot of one version.

transaction    a read transaction, opened when it is first used
snapshot       a transaction over one makerspace, or over many
dataloader     collects keys and fetches them together
session        a snapshot with its loaders
"""
