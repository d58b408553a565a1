"""Jobs: a report from its claim by a worker to its end.

claims          claim, renew, complete, fail: by lease and attempt number
pending         reports that wait to be made
runner          runs one report
verification    the stored file read back
"""
