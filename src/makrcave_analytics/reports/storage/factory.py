"""The storage that a setting names: a folder, or a bucket."""

from pathlib import Path

from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.reports.storage.base import Storage
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.storage.object_store import SCHEMES, ObjectStorage


def storage_from_setting(place: str) -> Storage:
    """Return the storage at a folder's path or at an address like s3://bucket/folder. Connects to nothing.

    Folders use FolderStorage and not obstore's LocalStore, which renames files before they are synced to disk, and
    follows symbolic links out of the folder.

    Raises: ConfigurationError for an address of another kind.
    """
    scheme, colon, _ = place.partition("://")
    if not colon:
        return FolderStorage(Path(place))
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise ConfigurationError(f"Reports are stored in a folder, or at an address that begins with {known}.")
    return ObjectStorage(place)
