"""The benchmarks of `make bench`: each row with its peer, measured in the same run, and their ratio."""
