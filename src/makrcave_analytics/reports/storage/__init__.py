"""Storage of report files.

base            the interface of a storage
local           a folder on disk
object_store    S3, Google Cloud Storage, Azure Blob Storage
factory         the storage that a setting names
shared_files    files that several reports share
expiry          the end of files
"""
