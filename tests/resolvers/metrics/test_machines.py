"""The list of machines: literal rows to literal numbers, each of one machine alone. Days are Berlin's."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert, insert_event, insert_members, insert_payment, insert_session
from tests.plugins.api import Api

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 12, tzinfo=BERLIN)
"""A Tuesday."""
WEEKDAYS = [{"day": day, "from": "10:00", "to": "20:00"} for day in range(5)]
TUESDAY = 'period: {range: {startDate: "2026-03-03", endDate: "2026-03-03"}}'


def at(day: int, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 3, day, hours, minutes, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
async def runner(api: Api, make_makerspace: Any, owner: Any) -> Any:
    """Open on weekdays from 10 to 20 h.

    On Tuesday 3 March: the laser 10 to 12 and 11 to 13 h; the mill 14 to 15 h, and 18 to 20 h under repair; a saw that
    was never synced 16 to 20 h. The laser brought in 119 less 19, the mill 50, an unused and unsynced kiln 10; two
    reservations of the laser and one of a loom that only the reservation names.
    """
    api.now = NOW
    makerspace = await make_makerspace(opening_hours=json.dumps(WEEKDAYS))
    await insert_members(owner, makerspace, *(f"maker{n}" for n in range(6)))
    for machine, name, category in (("laser", "Laser", "cutter"), ("mill", "CNC mill", "mill"), ("drill", None, None)):
        row = {"equipment_id": machine, "name": name, "category": category, "in_service_from": date(2026, 1, 1)}
        await insert(owner, "equipment", makerspace.value, **row)
    await insert_session(owner, makerspace, "maker0", at(3, "10:00"), at(3, "12:00"), succeeded=True)
    await insert_session(
        owner, makerspace, "maker1", at(3, "11:00"), at(3, "13:00"), succeeded=False, energy_kwh=Decimal("1.5")
    )
    await insert_session(
        owner, makerspace, "maker0", at(3, "14:00"), at(3, "15:00"), equipment_id="mill", usage_type="repair2"
    )
    await insert_session(
        owner, makerspace, "maker0", at(3, "18:00"), at(3, "20:00"), equipment_id="mill", usage_type="repair"
    )
    await insert_session(owner, makerspace, "maker2", at(3, "16:00"), at(3, "20:00"), equipment_id="saw")
    for machine, amount, tax in (("laser", "119", 19), ("mill", "50", 0), ("kiln", "10", 0)):
        await insert_payment(owner, makerspace, date(2026, 3, 3), amount, tax_amount=Decimal(tax), equipment_id=machine)
    for machine, times in (("laser", 2), ("loom", 1)):
        for _ in range(times):
            await insert_event(
                owner, makerspace, at(3, "09:00"), "maker0", "equipment_reservation", equipment_id=machine
            )
    return makerspace


METRICS = (
    "usedHours", "sessions", "machineUsers", "averageSessionMinutes", "utilization", "uptime", "maintenanceHours",
    "revenue", "revenuePerUsedHour", "successRate", "energy", "equipmentReservations",
)  # fmt: skip


async def rows(api: Api, makerspace: Any, arguments: str = "", role: str = "admin", period: str = TUESDAY) -> Any:
    """The list by id, in order: each metric's exact value."""
    metrics = " ".join(f"{key} {{ decimal }}" for key in METRICS)
    document = f"{{ equipment({period}) {{ machines{arguments} {{ nodes {{ equipment {{ id }} {metrics} }} }} }} }}"
    nodes = (await api.ask(document, makerspace, role=role))["equipment"]["machines"]["nodes"]
    return {node["equipment"]["id"]: {key: node[key] and node[key]["decimal"] for key in METRICS} for node in nodes}


async def names(api: Api, makerspace: Any, arguments: str, role: str = "admin") -> list[str]:
    """The ids of the list, in order."""
    document = f"{{ equipment({TUESDAY}) {{ machines({arguments}) {{ nodes {{ equipment {{ id }} }} totalCount }} }} }}"
    found = (await api.ask(document, makerspace, role=role))["equipment"]["machines"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["equipment"]["id"] for node in found["nodes"]]


async def test_each_number_is_of_one_machine_alone(api: Api, runner: Any) -> None:
    found = await rows(api, runner)
    nothing = dict.fromkeys(METRICS, "0") | dict.fromkeys(
        ("averageSessionMinutes", "revenuePerUsedHour", "successRate", "utilization", "uptime")
    )
    nothing |= {"revenue": "0.00"}
    # Bookable 10 h: 10 to 13 h merged are 30 %; 4 h are 240 minutes over 2 sessions; 100 ÷ 4 h.
    assert found["laser"] == {
        "usedHours": "4", "sessions": "2", "machineUsers": "2", "averageSessionMinutes": "120", "utilization": "30",
        "uptime": "100", "maintenanceHours": "0", "revenue": "100.00", "revenuePerUsedHour": "25.00",
        "successRate": "50", "energy": "1.500000", "equipmentReservations": "2",
    }  # fmt: skip
    # 1 of 10 h used, 2 of 10 h broken.
    assert found["mill"] == nothing | {
        "usedHours": "1", "sessions": "1", "machineUsers": "1", "averageSessionMinutes": "60", "utilization": "10",
        "uptime": "80", "maintenanceHours": "2", "revenue": "50.00", "revenuePerUsedHour": "50.00",
    }  # fmt: skip
    assert found["saw"] == nothing | {
        "usedHours": "4", "sessions": "1", "machineUsers": "1", "averageSessionMinutes": "240", "utilization": "40",
        "uptime": "100", "revenuePerUsedHour": "0.00",
    }  # fmt: skip
    assert found["drill"] == nothing | {"utilization": "0", "uptime": "100"}
    assert found["kiln"] == nothing | {"revenue": "10.00"}
    assert found["loom"] == nothing | {"equipmentReservations": "1"}


async def test_the_default_order_is_most_used_first_then_by_name(api: Api, runner: Any) -> None:
    # 4 h: Laser before saw, regardless of case; nothing: drill, kiln, loom.
    assert await names(api, runner, "first: 50") == ["laser", "saw", "mill", "drill", "kiln", "loom"]


ORDERS = {
    "NAME": ["mill", "drill", "kiln", "laser", "loom", "saw"],  # "CNC mill"
    "USED_HOURS": ["laser", "saw", "mill", "drill", "kiln", "loom"],
    "UTILIZATION": ["saw", "laser", "mill", "drill", "kiln", "loom"],  # 40, 30, 10, 0; two cannot be booked
    "REVENUE": ["laser", "mill", "kiln", "drill", "loom", "saw"],
}
TURNED = {
    "NAME": ["saw", "loom", "laser", "kiln", "drill", "mill"],
    "USED_HOURS": ["drill", "kiln", "loom", "mill", "laser", "saw"],
    "UTILIZATION": ["drill", "mill", "laser", "saw", "kiln", "loom"],
    "REVENUE": ["drill", "loom", "saw", "kiln", "mill", "laser"],
}


@pytest.mark.parametrize("order", ORDERS)
async def test_orders_have_a_default_direction_the_reverse_and_pages(api: Api, runner: Any, order: str) -> None:
    usual = "false" if order == "NAME" else "true"
    assert await names(api, runner, f"orderBy: {order}") == ORDERS[order]
    assert await names(api, runner, f"orderBy: {order}, descending: {usual}") == ORDERS[order]
    turned = f"orderBy: {order}, descending: {'true' if order == 'NAME' else 'false'}"
    assert await names(api, runner, turned) == TURNED[order]
    for arguments, expected in ((f"orderBy: {order}", ORDERS[order]), (turned, TURNED[order])):
        assert await turn_pages(api, runner, arguments) == expected


async def turn_pages(api: Api, makerspace: Any, arguments: str, first: int = 2) -> list[str]:
    """Read the list in pages of two."""
    seen: list[str] = []
    after, has_next = "null", True
    while has_next:
        document = f"""{{ equipment({TUESDAY}) {{ machines({arguments}, first: {first}, after: {after}) {{
            nodes {{ equipment {{ id }} usedHours {{ value }} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }}
        }} }} }}"""
        page = (await api.ask(document, makerspace))["equipment"]["machines"]
        assert page["pageInfo"]["hasPreviousPage"] == bool(seen)
        seen += [node["equipment"]["id"] for node in page["nodes"]]
        after, has_next = json.dumps(page["pageInfo"]["endCursor"]), page["pageInfo"]["hasNextPage"]
    return seen


async def test_without_read_money_an_order_by_money_is_by_name(api: Api, runner: Any) -> None:
    by_name = ORDERS["NAME"]
    for arguments in ("orderBy: REVENUE", "orderBy: REVENUE, descending: true", "orderBy: REVENUE, descending: false"):
        assert await names(api, runner, arguments, role="operations") == by_name
        assert await names(api, runner, arguments, role="analyst") == by_name
    found = await rows(api, runner, role="operations")
    assert {(row["revenue"], row["revenuePerUsedHour"]) for row in found.values()} == {(None, None)}
    document = f"{{ equipment({TUESDAY}) {{ meta {{ notes }} }} }}"
    notes = (await api.ask(document, runner, role="operations"))["equipment"]["meta"]["notes"]
    assert "Money is left out: it is shown to those who may see it (READ_MONEY)." in notes


async def test_without_read_people_small_groups_at_a_machine_are_hidden(api: Api, runner: Any, owner: Any) -> None:
    """Five makers at the drill are a group; two at the laser are none, over time neither."""
    for n in range(5):
        await insert_session(owner, runner, f"maker{n}", at(3, "10:00"), at(3, "10:30"), equipment_id="drill")
    for role, laser, drill in (("admin", 2.0, 5.0), ("analyst", None, 5.0)):
        document = f"""{{ equipment({TUESDAY}) {{ machines(filter: {{ids: ["laser", "drill"]}}, orderBy: NAME) {{
            nodes {{ machineUsers {{ value decimal formatted columns(grain: DAY) {{ values }} }} }} }} }} }}"""
        of_drill, of_laser = (await api.ask(document, runner, role=role))["equipment"]["machines"]["nodes"]
        assert of_drill["machineUsers"]["value"] == drill
        users = of_laser["machineUsers"]
        assert (users["value"], users["columns"]["values"]) == (laser, [laser])
        assert users["formatted"] == ("—" if laser is None else "2")


async def test_every_filter_narrows(api: Api, runner: Any, owner: Any) -> None:
    await owner.execute("UPDATE equipment SET status = 'OFFLINE' WHERE equipment_id = 'mill'")
    by = "orderBy: NAME, filter: "
    expected = {
        '{ids: ["laser", "loom", "nowhere", "laser"]}': ["laser", "loom"],
        '{ids: ["nowhere"]}': [],
        "{ids: []}": ORDERS["NAME"],
        '{search: "cnc"}': ["mill"],
        '{search: " L "}': ["mill", "drill", "kiln", "laser", "loom"],
        '{search: "%"}': [],
        '{search: "\' OR 1=1 --"}': [],
        '{category: "cutter"}': ["laser"],
        '{category: "Cutter"}': [],
        "{status: OFFLINE}": ["mill"],
        "{status: AVAILABLE}": ["drill", "kiln", "laser", "loom", "saw"],
        '{status: AVAILABLE, search: "oo"}': ["loom"],
    }
    for filter_, ids in expected.items():
        assert await names(api, runner, by + filter_) == ids, filter_


async def test_voided_facts_name_no_machine(api: Api, runner: Any, owner: Any) -> None:
    await owner.execute("UPDATE revenue_analytics SET voided_at = now() WHERE equipment_id = 'kiln'")
    await owner.execute("UPDATE usage_events SET voided_at = now() WHERE equipment_id = 'loom'")
    await owner.execute("UPDATE equipment_usage_logs SET voided_at = now() WHERE equipment_id = 'saw'")
    assert await names(api, runner, "orderBy: NAME") == ["mill", "drill", "laser"]


async def test_maintenance_is_as_of_now_for_every_period(api: Api, runner: Any, owner: Any) -> None:
    """Now is 31 March, 12 h. The laser: 4 h of use, 3 of them since its maintenance ended at 11 h of 3 March."""
    await insert_session(owner, runner, "maker0", at(3, "08:00"), at(3, "11:00"), usage_type="maintenance")
    await owner.execute("UPDATE equipment SET maintenance_interval_days = 30 WHERE equipment_id = 'laser'")
    await owner.execute("UPDATE equipment SET maintenance_interval_hours = 1 WHERE equipment_id = 'mill'")
    drill = "UPDATE equipment SET next_maintenance_on = '2026-03-30', in_service_until = '2026-03-29' "
    await owner.execute(drill + "WHERE equipment_id = 'drill'")
    document = f"""{{ equipment({TUESDAY}) {{ machines(orderBy: MAINTENANCE_DUE) {{ nodes {{ equipment {{ id }}
        maintenance {{ lastAt dueOn hoursSinceLast intervalHours intervalDays isOverdue }} }} }} }} }}"""
    nodes = (await api.ask(document, runner))["equipment"]["machines"]["nodes"]
    found = {node["equipment"]["id"]: tuple(node["maintenance"].values()) for node in nodes}
    assert list(found) == ["drill", "mill", "laser", "kiln", "loom", "saw"]
    # Due is the laser 30 days after 3 March; the mill today, its hour being reached; the drill yesterday, but it no
    # longer serves. 11 to 12, and 11 to 13 h: 3 h.
    assert found == {
        "drill": (None, "2026-03-30", 0.0, None, None, False),
        "mill": (None, "2026-03-31", 1.0, 1.0, None, True),
        "laser": ("2026-03-03T11:00:00+01:00", "2026-04-02", 3.0, None, 30, False),
        "kiln": (None, None, 0.0, None, None, False),
        "loom": (None, None, 0.0, None, None, False),
        "saw": (None, None, 4.0, None, None, False),
    }
    assert await names(api, runner, "filter: {isOverdue: true}") == ["mill"]
    assert await names(api, runner, "filter: {isOverdue: false}, orderBy: NAME") == [
        *("drill", "kiln", "laser", "loom", "saw")
    ]
    assert await turn_pages(api, runner, "orderBy: MAINTENANCE_DUE") == list(found)
    turned = ["laser", "mill", "drill", "kiln", "loom", "saw"]
    assert await turn_pages(api, runner, "orderBy: MAINTENANCE_DUE, descending: true") == turned


async def test_an_interval_beyond_a_century_is_null_and_affects_no_other_number(
    api: Api, runner: Any, owner: Any
) -> None:
    await owner.execute("UPDATE equipment SET maintenance_interval_days = 2147483647, in_service_from = '2999-12-31'")
    await owner.execute("UPDATE equipment SET next_maintenance_on = '2026-03-30' WHERE equipment_id = 'laser'")
    document = f"""{{ equipment({TUESDAY}) {{ sessions {{ value }} machinesOverdue {{ value }}
        machines(filter: {{ids: ["laser", "mill"]}}, orderBy: NAME) {{ nodes {{ maintenance {{ dueOn }} }} }} }} }}"""
    found = (await api.ask(document, runner))["equipment"]
    assert [node["maintenance"]["dueOn"] for node in found["machines"]["nodes"]] == [None, "2026-03-30"]


async def test_the_maintenance_of_a_machine_that_nobody_synced_is_known_from_its_logs(
    api: Api, runner: Any, owner: Any
) -> None:
    await insert_session(
        owner, runner, "maker0", at(3, "17:00"), at(3, "18:00"), equipment_id="saw", usage_type="maintenance"
    )
    document = f"""{{ equipment({TUESDAY}) {{ machines(filter: {{ids: ["saw"]}}) {{ nodes {{
        equipment {{ name status }} maintenance {{ lastAt hoursSinceLast isOverdue }} }} }} }} }}"""
    (saw,) = (await api.ask(document, runner))["equipment"]["machines"]["nodes"]
    assert saw == {
        "equipment": {"name": "saw", "status": "AVAILABLE"},
        "maintenance": {"lastAt": "2026-03-03T18:00:00+01:00", "hoursSinceLast": 2.0, "isOverdue": False},
    }


async def test_a_machines_heat_map_is_its_own(api: Api, runner: Any) -> None:
    period = 'period: {range: {startDate: "2026-03-02", endDate: "2026-03-15"}}'
    document = f"""{{ equipment({period}) {{ machines(filter: {{ids: ["saw", "mill"]}}, orderBy: NAME) {{ nodes {{
        heatmap {{ dayOfWeek hour value }} usedHours {{ breakdown(by: HOUR_OF_DAY) {{ key value }} }} }} }} }} }}"""
    mill, saw = (await api.ask(document, runner))["equipment"]["machines"]["nodes"]
    # Two Tuesdays: an hour used on one of them is half an hour of such an hour.
    used = {(cell["dayOfWeek"], cell["hour"]): cell["value"] for cell in saw["heatmap"] if cell["value"]}
    assert used == {(1, hour): 0.5 for hour in (16, 17, 18, 19)}
    assert [(c["dayOfWeek"], c["hour"], c["value"]) for c in mill["heatmap"] if c["value"]] == [(1, 14, 0.5)]
    hours = {part["key"]: part["value"] for part in saw["usedHours"]["breakdown"] if part["value"]}
    assert hours == {"16": 1.0, "17": 1.0, "18": 1.0, "19": 1.0}


EVERYTHING = f"""{{ equipment(period: {{preset: LAST_30_DAYS}}, compareTo: PREVIOUS_PERIOD) {{
    machines(first: 100, %s) {{ totalCount nodes {{ equipment {{ id name category status }}
        {" ".join(f"{key} {{ value previous }}" for key in METRICS)}
        maintenance {{ dueOn isOverdue }} {{more}} }} }} }} }}""".replace("{more}", "%s")


@pytest.mark.parametrize("order", [*ORDERS, "MAINTENANCE_DUE"])
async def test_a_source_is_read_once_for_a_list_of_any_length(
    api: Api, make_makerspace: Any, owner: Any, counts: list[int], order: str
) -> None:
    """The same for 4 machines and for 400, of whom half were never synced."""
    api.now = NOW
    for machines in (4, 400):
        makerspace = await make_makerspace()
        await owner.execute(
            """INSERT INTO equipment (makerspace_id, equipment_id, name)
            SELECT $1, 'm' || n, 'Machine ' || n FROM generate_series(1, $2, 2) n""",
            makerspace.value, machines,
        )  # fmt: skip
        await owner.execute(
            """INSERT INTO equipment_usage_logs (makerspace_id, id, equipment_id, start_time, end_time, usage_type)
            SELECT $1, gen_random_uuid(), 'm' || n, $3::timestamptz - n * interval '1 hour', $3, 'production'
            FROM generate_series(1, $2) n""",
            makerspace.value, machines, NOW - timedelta(days=1),
        )  # fmt: skip
        more = "usedHours { series { value } breakdown(by: USAGE_TYPE) { key } }" if order == "NAME" else ""
        outcome = await api.run(EVERYTHING % (f"orderBy: {order}", more), makerspace)
        assert "errors" not in outcome.body, outcome.body
        found = outcome.body["data"]["equipment"]["machines"]
        assert found["totalCount"] == machines
        assert len(found["nodes"]) == min(machines, 100)
        assert found["nodes"][-1]["usedHours"]["value"] > 0
    assert counts[0] == counts[1]
    # The makerspace, the list, names, maintenance; sessions, bookable time, payments, events; what it is ordered by.
    assert counts[0] <= 9
