"""The three sample makerspaces: the values that are chosen rather than drawn. Knows no facts."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from makrcave_analytics.sample.holidays import Country, closures

WEEKDAYS, SATURDAY, SUNDAY = (0, 1, 2, 3, 4), 5, 6


@dataclass(frozen=True)
class Opening:
    """Opening hours of a weekday, in local minutes, half-open; day 0 is Monday."""

    day: int
    since: int
    until: int

    def stored(self) -> dict[str, Any]:
        """Return it as the tables of makerspaces and machines store it."""
        return {"day": self.day, "from": _clock(self.since), "to": _clock(self.until)}


@dataclass(frozen=True)
class SampleMakerspace:
    """A sample makerspace. Money is in its currency; `price_level` is the price there of what costs one euro."""

    id: UUID
    name: str
    time_zone: str
    currency: str
    locale: str
    week_start: int
    """0 is Monday."""
    fiscal_year_start_month: int
    opening_hours: tuple[Opening, ...]
    country: Country
    brand_color: str
    prefix: str
    """Prefix of its members' ids."""
    members: int
    """Number of synced members, including those who left."""
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    plans: dict[str, int]
    """Plan → price per month, including tax."""
    tax_percent: int
    price_level: int
    payment_methods: tuple[str, ...]
    second_currency: str
    week: tuple[float, ...]
    """How busy each weekday is, from Monday; the value of a closed day is not used."""
    year: tuple[float, ...]
    """How busy each month is, from January."""

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)

    def openings(self, weekday: int) -> tuple[Opening, ...]:
        """Return the opening hours of a weekday, ascending; none if it is closed."""
        return tuple(opening for opening in self.opening_hours if opening.day == weekday)

    def closures(self, since: date, until: date) -> list[dict[str, Any]]:
        """Return the closures that begin within [since, until], as the makerspaces table stores them."""
        return [
            {"start_date": first.isoformat(), "end_date": last.isoformat(), "name": name}
            for first, last, name in closures(self.country, since, until)
        ]


def member_id(makerspace: SampleMakerspace, number: int) -> str:
    """Return the id of a member by number, from 0; number 0 is a member throughout the sample."""
    return f"{makerspace.prefix}-m{number + 1:04}"


def _open(days: tuple[int, ...], *spans: tuple[int, int]) -> tuple[Opening, ...]:
    return tuple(Opening(day, since * 60, until * 60) for day in days for since, until in spans)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


BENGALURU = SampleMakerspace(
    id=UUID("0198c0de-0001-7000-8000-000000000001"),
    name="Indiranagar Makers Yard",
    time_zone="Asia/Kolkata",
    currency="INR",
    locale="en-IN",
    week_start=0,
    fiscal_year_start_month=4,
    opening_hours=_open((1, 2, 3, 4), (11, 21)) + _open((SATURDAY,), (10, 22)) + _open((SUNDAY,), (10, 20)),
    country=Country.INDIA,
    brand_color="#C2410C",
    prefix="blr",
    members=560,
    first_names=_words("""
        Aarav Ananya Arjun Bhavna Chitra Deepak Divya Farhan Fatima Gauri Harish Imran Ishita Joseph Kavya Kiran
        Lakshmi Manoj Meera Neha Nikhil Pooja Pranav Priya Rahul Rohit Sana Sandeep Shreya Sneha Suresh Tanvi
        Thomas Varun Vidya Yash Zoya
    """),
    last_names=_words("""
        Agarwal Bhat Chatterjee D'Souza Deshpande Gowda Gupta Hegde Iyer Joshi Kapoor Khan Krishnan Kulkarni
        Mathew Menon Mukherjee Nair Patel Pillai Rao Reddy Sharma Shetty Singh Srinivasan Thomas Varghese Verma
        Yadav
    """),
    plans={"basic": 1500, "maker": 2950, "pro": 5900, "student": 850},
    tax_percent=18,
    price_level=60,
    payment_methods=("upi", "upi", "upi", "card", "bank_transfer", "cash"),
    second_currency="USD",
    week=(0.0, 0.8, 0.9, 0.9, 1.1, 1.7, 1.2),
    year=(1.05, 1.05, 1.0, 0.85, 0.8, 0.95, 1.05, 1.05, 1.0, 0.95, 1.05, 1.0),
)

BERLIN = SampleMakerspace(
    id=UUID("0198c0de-0002-7000-8000-000000000002"),
    name="Werkhof Neukölln",
    time_zone="Europe/Berlin",
    currency="EUR",
    locale="de",
    week_start=0,
    fiscal_year_start_month=1,
    opening_hours=_open((0, 1, 2, 3), (10, 22)) + _open((4,), (10, 24)) + _open((SATURDAY,), (10, 20)),
    country=Country.GERMANY,
    brand_color="#0F766E",
    prefix="ber",
    members=480,
    first_names=_words("""
        Aylin Anja Björn Carla Cem Clara David Elif Emil Fatou Felix Friederike Greta Hanna Henrik Ines Jakob
        Jonas Jürgen Katarzyna Lena Linh Lukas Mahmoud Marie Mehmet Mila Nadia Niklas Olga Paul Piotr Rosa
        Samira Sören Sofia Theo Tobias Wiebke Zeynep
    """),
    last_names=_words("""
        Arslan Bauer Becker Braun Demir Diallo Fischer Fuchs Großmann Haddad Hoffmann Jansen Kaya Keller Koch
        Kowalski Krüger Lange Lehmann Meyer Müller Nguyen Novak Öztürk Petrov Richter Schäfer Schmidt Schröder
        Schulz Vogel Wagner Weber Wójcik Yılmaz Zimmermann
    """),
    plans={"basic": 25, "maker": 49, "pro": 89, "student": 15},
    tax_percent=19,
    price_level=1,
    payment_methods=("sepa_direct_debit", "sepa_direct_debit", "card", "card", "paypal", "cash"),
    second_currency="CHF",
    week=(0.85, 0.95, 1.0, 1.0, 1.1, 1.5, 0.0),
    year=(1.1, 1.1, 1.05, 1.0, 0.95, 0.9, 0.75, 0.8, 1.0, 1.1, 1.15, 0.95),
)

KATHMANDU = SampleMakerspace(
    id=UUID("0198c0de-0003-7000-8000-000000000003"),
    name="Patan Makers Guild",
    time_zone="Asia/Kathmandu",
    currency="NPR",
    locale="ne",
    week_start=SUNDAY,
    fiscal_year_start_month=7,
    opening_hours=(_open((SUNDAY, 0, 2, 3, 4), (10, 13), (14, 20)) + _open((SATURDAY,), (9, 20))),
    country=Country.NEPAL,
    brand_color="#1D4ED8",
    prefix="ktm",
    members=420,
    first_names=_words("""
        Aakash Aarati Anil Asmita Bibek Bikash Binita Chandra Dawa Deepa Dipesh Gita Hari Kabita Kamal Lhamo
        Manisha Milan Nabin Nisha Pasang Prakash Prabin Puja Rabin Rajesh Ramila Sabina Sagar Sarita Sita Sujan
        Sunita Tenzin Umesh सीता विवेक आशा
    """),
    last_names=_words("""
        Acharya Adhikari Basnet Bhandari Bhattarai Chaudhary Dahal Gurung Joshi Karki Khadka Lama Limbu Magar
        Maharjan Neupane Pandey Poudel Rai Sapkota Shakya Sharma Sherpa Shrestha Tamang Thapa Tuladhar श्रेष्ठ
        थापा
    """),
    plans={"basic": 1130, "maker": 2260, "pro": 4520, "student": 680},
    tax_percent=13,
    price_level=95,
    payment_methods=("esewa", "esewa", "khalti", "card", "cash", "cash"),
    second_currency="INR",
    week=(0.9, 0.0, 0.95, 0.95, 1.1, 1.7, 1.0),
    year=(0.95, 1.0, 1.05, 1.05, 1.05, 0.95, 0.85, 0.9, 1.0, 0.9, 1.0, 1.05),
)

MAKERSPACES = (BENGALURU, BERLIN, KATHMANDU)
"""In the order in which they are listed; a `scale` above 1 enlarges the first."""
