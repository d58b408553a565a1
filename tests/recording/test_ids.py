from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.ids import fresh_id
from makrcave_analytics.recording.ids import stored_id

MAKERSPACE = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
KNOWN = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def test_a_fresh_id_is_the_example_of_rfc_9562() -> None:
    # Appendix A.6: 2022-02-22 19:22:22 UTC, rand_a CC3, rand_b 18C4DC0C0C07398F.
    noise = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(10)
    assert fresh_id(datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC), noise) == UUID(
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    )


@given(st.binary(min_size=10, max_size=10))
def test_fresh_ids_are_of_version_7_for_any_random_bytes(noise: bytes) -> None:
    made = fresh_id(datetime(2026, 3, 1, tzinfo=UTC), noise)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


@pytest.mark.parametrize("raw", [KNOWN, KNOWN.upper(), KNOWN.title()])
def test_a_uuid_in_any_case_is_stored_as_it_is(raw: str) -> None:
    assert stored_id(MAKERSPACE, FactKind.EVENT, raw) == UUID(KNOWN)


@pytest.mark.parametrize(
    "raw", ["badge 17", KNOWN.replace("-", ""), "{" + KNOWN + "}", "urn:uuid:" + KNOWN, KNOWN + "\n"]
)
def test_any_other_id_is_stored_as_version_5_of_makerspace_kind_and_id(raw: str) -> None:
    assert stored_id(MAKERSPACE, FactKind.EVENT, raw) == uuid5(MAKERSPACE, "EVENT:" + raw)
    assert stored_id(MAKERSPACE, FactKind.EVENT, raw) != stored_id(MAKERSPACE, FactKind.EQUIPMENT_USAGE, raw)
    assert stored_id(MAKERSPACE, FactKind.EVENT, raw) != stored_id(UUID(int=1), FactKind.EVENT, raw)
