"""A viewer gets only the makerspaces and permissions of its token."""

from uuid import UUID

import pytest

from makrcave_analytics.auth import Permission, RecordKind, Viewer
from makrcave_analytics.errors import Forbidden, Invalid, NotFound

UNKNOWN = "99999999-9999-4999-8999-999999999999"


def test_a_makerspace_of_the_token_is_minted_in_any_case(viewer, home):
    assert viewer("analyst").makerspace(str(home), Permission.READ).value == home
    assert viewer("analyst").makerspace(str(home).upper(), Permission.READ).value == home
    assert viewer("analyst").makerspace(home).value == home


def test_without_an_id_it_is_the_only_makerspace_of_the_token(viewer, home):
    assert viewer("analyst").makerspace(None, Permission.READ).value == home
    assert viewer("super_admin").makerspace(None, Permission.READ).value == home


@pytest.mark.parametrize("role", ["analyst", "super_admin"])
def test_without_an_id_it_is_invalid_if_the_token_names_none_or_several(viewer, home, elsewhere, role):
    for makerspaces in ((), (home, elsewhere)):
        with pytest.raises(Invalid) as caught:
            viewer(role, makerspaces=makerspaces).makerspace(None, Permission.READ)
        assert caught.value.extensions == {"code": "INVALID", "field": "makerspaceId"}


@pytest.mark.parametrize(
    "raw", ["", "x", UNKNOWN, "{0f0e0d0c-0b0a-4908-8706-050403020100}", "' OR 1=1", "a\u0000", "0" * 32]
)
@pytest.mark.parametrize("role", ["admin", "analyst", "member", "service"])
def test_malformed_unknown_and_foreign_get_the_same_answer(viewer, raw, role):
    with pytest.raises(NotFound) as caught:
        viewer(role).makerspace(raw, Permission.MANAGE)
    assert caught.value.message == "No such makerspace."
    assert caught.value.extensions == {"code": "NOT_FOUND", "field": "makerspaceId"}


def test_a_super_admin_reaches_every_well_formed_id(viewer):
    admin = viewer("super-admin", makerspaces=())
    assert admin.makerspace(UNKNOWN, *Permission).value == UUID(UNKNOWN)
    with pytest.raises(NotFound):
        admin.makerspace("x")


def test_a_missing_permission_is_forbidden_and_named(viewer, home):
    with pytest.raises(Forbidden) as caught:
        viewer("analyst").makerspace(str(home), Permission.READ, Permission.READ_MONEY)
    assert caught.value.message == "The permission READ_MONEY is needed."
    assert caught.value.extensions == {"code": "FORBIDDEN", "permission": "READ_MONEY"}


def test_a_plain_member_sees_their_makerspace_and_may_not_read_it(viewer, home):
    member = viewer("member")
    assert member.makerspace(str(home)).value == home
    with pytest.raises(Forbidden):
        member.makerspace(str(home), Permission.READ)


def test_reach_is_every_makerspace_with_the_permissions(viewer, home, elsewhere):
    both = (home, elsewhere)
    assert {m.value for m in viewer("admin", makerspaces=both).reach(Permission.NETWORK)} == set(both)
    assert viewer("analyst", makerspaces=both).reach(Permission.NETWORK) == frozenset()
    assert viewer("super_admin").reach(Permission.READ) is None


def test_only_a_super_admin_may_create_makerspaces(viewer):
    viewer("super_admin").require_super_admin()
    with pytest.raises(Forbidden):
        viewer("admin").require_super_admin()


RECORDING = [
    # role          kinds                       only_user  default_user
    ("super_admin", set(RecordKind), None, "ada"),
    ("admin", set(RecordKind), None, "ada"),
    ("service", set(RecordKind), None, None),
    ("member", {RecordKind.EVENTS}, "ada", "ada"),
    ("", {RecordKind.EVENTS}, "ada", "ada"),
    ("finance", set(), None, None),
    ("operations", set(), None, None),
    ("analyst", set(), None, None),
]


@pytest.mark.parametrize(("role", "kinds", "only_user", "default_user"), RECORDING)
def test_each_role_records_its_kinds_about_its_people(viewer, home, role, kinds, only_user, default_user):
    for kind in RecordKind:
        if kind in kinds:
            recorder = viewer(role).recorder(str(home), kind)
            assert recorder.makerspace.value == home
            assert (recorder.only_user, recorder.default_user) == (only_user, default_user)
        else:
            with pytest.raises(Forbidden, match="RECORD"):
                viewer(role).recorder(str(home), kind)
        with pytest.raises(NotFound):
            viewer(role).recorder("x", kind)


def test_a_narrowed_service_gets_an_error_that_names_the_missing_kind(viewer, home):
    narrow = viewer("service", record_kinds=frozenset({RecordKind.EVENTS}))
    assert narrow.recorder(str(home), RecordKind.EVENTS).only_user is None
    with pytest.raises(Forbidden, match="does not name revenue"):
        narrow.recorder(str(home), RecordKind.REVENUE)


def test_the_system_reaches_every_makerspace():
    system = Viewer.system("reconciler")
    assert system.makerspace(UNKNOWN, *Permission).value == UUID(UNKNOWN)
    assert system.permissions(UUID(UNKNOWN)) == set(Permission)
    assert all(system.may_record(kind) for kind in RecordKind)
    assert system.recorder(UNKNOWN, RecordKind.EVENTS).default_user is None


def test_a_role_or_a_sub_named_system_is_not_the_system(viewer):
    pretender = Viewer("system", ("system",), frozenset(), Viewer.system("test").expires_at)
    assert pretender.permissions() == frozenset()
    with pytest.raises(NotFound):
        pretender.makerspace(UNKNOWN)


def test_queued_work_keeps_its_permissions_and_its_makerspace(viewer, home):
    there = viewer("admin").makerspace(str(home))
    then = Viewer.acting_for("ada", there, [Permission.READ, Permission.REPORT], "report")
    assert then.permissions(home) == {Permission.READ, Permission.REPORT}
    assert not then.may_record(RecordKind.EVENTS)
    for refused in (
        (NotFound, lambda: then.makerspace(UNKNOWN)),
        (Forbidden, lambda: then.recorder(home, RecordKind.EVENTS)),
    ):
        with pytest.raises(refused[0]):
            refused[1]()
