"""What `make bench` runs: each row with its peer, measured in one run, and their ratio."""
