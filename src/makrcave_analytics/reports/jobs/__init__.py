"""Jobs: a report from its claim by a worker to its end.

claims          claim, renew, complete, fail: by lease and attempt number
pending         reports that wait for a worker
runner          runs one report from claim to end
verification    reads the stored file back
"""
