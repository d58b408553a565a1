"""Readings: what one operation reads, a snapshot a makerspace."""

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Reads
from makrcave_analytics.metrics.reading import Reading


class Readings:
    """The readings of one operation, one a makerspace."""

    def __init__(self, database: Reads) -> None:
        self._database = database
        self._open: dict[MakerspaceId, Reading] = {}

    def of(self, makerspace_id: MakerspaceId) -> Reading:
        """Return the makerspace's reading, the same for the whole operation."""
        if makerspace_id not in self._open:
            self._open[makerspace_id] = Reading(self._database, makerspace_id)
        return self._open[makerspace_id]

    async def close(self) -> int:
        """End all snapshots; what is read from now on is read anew. Return how many statements they took."""
        readings, self._open = list(self._open.values()), {}
        for reading in readings:
            await reading.snapshot.close()
        return sum(reading.snapshot.statements for reading in readings)
