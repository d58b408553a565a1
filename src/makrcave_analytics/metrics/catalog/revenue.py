"""Revenue metrics, in one currency: payments, refunds, tax and recognized revenue."""

from functools import partial
from typing import Any

from sqlalchemy import func, literal_column

from makrcave_analytics.metrics.catalog.usage import active_members
from makrcave_analytics.metrics.metric import Measure, Ratio
from makrcave_analytics.metrics.sources.payments import MONTHS, PAYMENTS, RECURRING, SERVICES
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

_revenue = partial(Measure, section=Section.REVENUE, unit=Unit.MONEY, finest=Grain.DAY, is_exact=True)
_counted = partial(Measure, section=Section.REVENUE, unit=Unit.COUNT, finest=Grain.DAY, source=PAYMENTS)
_ratio = partial(Ratio, section=Section.REVENUE, finest=Grain.DAY)
_HOW = (Dimension.REVENUE_SOURCE, Dimension.PAYMENT_METHOD)
_ALL = (*_HOW, Dimension.CUSTOMER, Dimension.MEMBER_PLAN, Dimension.EQUIPMENT)
_CUT = "Payments have a date and no time: a day that a comparison is cut within counts whole."


def _count_paid(column: Any, row: Any) -> Any:
    """Count the different values of rows with an amount above 0; null for none, which leaves no empty slice."""
    return func.nullif(func.count(column.distinct()).filter(row.amount > 0), 0)


gross_revenue = _revenue(
    key="grossRevenue",
    label="Gross revenue",
    description=f"All that was paid, tax included, before refunds. {_CUT}",
    formula="sum of amounts above 0",
    source=PAYMENTS,
    total=lambda row: func.sum(row.amount).filter(row.amount > 0),
    is_additive=True,
    dimensions=_ALL,
)

refunds = _revenue(
    key="refunds",
    label="Refunds",
    description="What was paid back, tax included, on the day of the refund, as a positive amount.",
    formula="− sum of amounts below 0",
    source=PAYMENTS,
    total=lambda row: -func.sum(row.amount).filter(row.amount < 0),
    better_when=Polarity.LOWER,
    is_additive=True,
    dimensions=_HOW,
)

tax = _revenue(
    key="tax",
    label="Tax",
    description="The tax in what was paid, less the tax in what was paid back.",
    formula="sum of tax amounts, which are negative on refunds",
    source=PAYMENTS,
    total=lambda row: func.sum(row.tax),
    better_when=Polarity.NEITHER,
    is_additive=True,
    dimensions=_HOW,
)

net_revenue = _revenue(
    key="netRevenue",
    label="Net revenue",
    description="What was paid less refunds and tax: what is the makerspace's own, on the day it was paid.",
    formula="grossRevenue − refunds − tax",
    source=PAYMENTS,
    total=lambda row: func.sum(row.amount - row.tax),
    is_additive=True,
    dimensions=_ALL,
)

recognized_revenue = _revenue(
    key="recognizedRevenue",
    label="Recognized revenue",
    description="Net revenue in the days that it was earned in: a membership paid for a year is spread evenly over "
    "its days of service, in whole minor units, a half to the even one, so that the parts of a payment sum to it "
    "exactly. What states no days of service counts on its date.",
    formula="sum of nets by days of service: day k of n gets round(net · k ÷ n) − round(net · (k − 1) ÷ n)",
    source=SERVICES,
    total=lambda row: func.sum(row.recognized),
    is_additive=True,
    dimensions=(Dimension.REVENUE_SOURCE,),
)

monthly_recurring_revenue = _revenue(
    key="monthlyRecurringRevenue",
    label="Monthly recurring revenue",
    description="What memberships and other recurring payments bring in a month, as of the last day of the period, "
    "of today while it runs: the net of those whose service covers that day. A service of whole calendar months "
    "counts by months, any other by the days of an average month. It is a level, so that days do not add up to a "
    "month.",
    formula="sum of net ÷ calendar months of service, else net ÷ days of service × 365.25 ÷ 12, over recurring lines "
    "whose service covers the last day",
    source=RECURRING,
    total=lambda row: func.sum(row.monthly),
    divisor=MONTHS,
    is_as_of=True,
    dimensions=(Dimension.REVENUE_SOURCE, Dimension.MEMBER_PLAN),
)

transactions = _counted(
    key="transactions",
    label="Transactions",
    description="Different transactions in which something was paid, however many lines they have. One whose lines "
    "fall on several days or sources counts in each of them, so that parts do not add up.",
    formula="distinct transactions with an amount above 0",
    total=lambda row: _count_paid(row.transaction, row),
    dimensions=_HOW,
)

average_transaction = _ratio(
    key="averageTransaction",
    label="Average transaction",
    description="What is paid in one transaction, tax included, before refunds. As a ratio, its parts do not add up.",
    formula="grossRevenue ÷ transactions",
    unit=Unit.MONEY,
    numerator=gross_revenue,
    denominator=transactions,
    dimensions=_HOW,
)

paying_customers = _counted(
    counts_people=True,
    key="payingCustomers",
    label="Paying customers",
    description="Different people and companies who paid something. Who pays on several days counts once, so that "
    "days do not add up; payments by nobody known are left out.",
    formula="distinct customers of transactions",
    total=lambda row: _count_paid(row.customer, row),
    dimensions=_HOW,
)

revenue_per_active_member = _ratio(
    key="revenuePerActiveMember",
    label="Revenue per active member",
    description="What was earned in the period for each member who was active in it. It is a ratio: days do not add "
    "up to a month.",
    formula="recognizedRevenue ÷ activeMembers",
    unit=Unit.MONEY,
    numerator=recognized_revenue,
    denominator=active_members,
)

_recurring = _revenue(
    key="recurringRecognizedRevenue",
    label="Recognized recurring revenue",
    description="The part of recognized revenue that recurs.",
    formula="recognizedRevenue of recurring lines",
    source=SERVICES,
    total=lambda row: func.sum(row.recognized).filter(row.is_recurring),
)

recurring_share = _ratio(
    key="recurringShare",
    label="Recurring share",
    description="The part of recognized revenue that comes from payments that recur, such as memberships. It is a "
    "ratio: days do not add up.",
    formula="recognized revenue of recurring lines ÷ recognizedRevenue × 100",
    unit=Unit.PERCENT,
    numerator=_recurring,
    denominator=recognized_revenue,
    times=100,
    is_share=True,
)

membership_revenue = _revenue(
    key="membershipRevenue",
    label="Membership revenue",
    description="Net revenue of memberships, on the day it was paid.",
    formula="netRevenue of source membership",
    source=PAYMENTS,
    total=lambda row: func.sum(row.amount - row.tax).filter(row.source == literal_column("'membership'")),
    is_additive=True,
    dimensions=(Dimension.PAYMENT_METHOD, Dimension.MEMBER_PLAN),
)
