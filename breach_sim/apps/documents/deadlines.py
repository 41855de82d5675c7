"""Dates by which something is due, computed from the dates of events.

Not here: the periods themselves, which are data (``rules``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from breach_sim.apps.documents.rules import EVENTS, Deadline
from breach_sim.formatting.dates import is_date
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.published import Published

INSTEAD = {"aware": "discovered", "determined": "discovered"}
"""Events that cannot come before another one: where their date is not given, the other one's is taken, which
is the earliest reading and gives the earliest deadline."""
PUBLISHED = {"discovered": "discovered", "intrusion": "occurred"}
"""Events by the words with which a dossier dates them."""
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Deadline of one breach.

    Parameters
    ----------
    rule
        The rule.
    by
        Date, with the hour where hours count; "" where there is none.
    counted
        From what it was counted, or why there is no date.
    ask
        Question for the missing date; "" if none is missing.
    """

    rule: Deadline
    by: str = ""
    counted: str = ""
    ask: str = ""


def given_dates(dates: Mapping[str, str], published: Iterable[Published]) -> dict[str, str]:
    """Return dates of events: those given, and those that a dossier states to the day.

    Parameters
    ----------
    dates
        By event: YYYY-MM-DD, or with an hour, YYYY-MM-DDTHH:MM.
    published
        Dates of the dossier.

    Returns
    -------
    Date by event; what is given goes before what was published.

    Raises
    ------
    ValueError
        If an event is unknown, or a date is no date.
    """
    found = {
        PUBLISHED[each.what]: each.value
        for each in published
        if each.what in PUBLISHED and is_date(each.value)
    }
    for event, text in dates.items():
        if event not in EVENTS:
            raise ValueError(unknown("event", event, EVENTS, "dates"))
        moment_of(text, event)
        found[event] = text
    return found


def moment_of(text: str, event: str) -> datetime:
    """Return the moment of a date, at its first hour where none is given.

    Parameters
    ----------
    text
        YYYY-MM-DD, or YYYY-MM-DDTHH:MM.
    event
        Of which event it is, for the message.

    Returns
    -------
    The moment, in the time of the place.

    Raises
    ------
    ValueError
        If it is no date.
    """
    found = _MOMENT.fullmatch(text)
    if found is not None and is_date(found[1]):
        try:
            return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")
        except ValueError:  # an hour such as 25:00
            pass
    raise ValueError(
        f"the date of {event!r} is {shown(text)}; write YYYY-MM-DD, or with the hour YYYY-MM-DDTHH:MM"
    )


def due(rule: Deadline, dates: Mapping[str, str], people: float) -> Due:
    """Compute by when something is due.

    Parameters
    ----------
    rule
        The rule.
    dates
        Dates of the events, by name.
    people
        People affected, which decide whether some rules hold. [people]

    Returns
    -------
    The date; or why there is none, with the question for what is missing.
    """
    if rule.at_least is not None and people < rule.at_least:
        return Due(rule=rule, counted=f"for {rule.at_least:,.0f} people or more; here are fewer")
    if rule.below is not None and people >= rule.below:
        return Due(rule=rule, counted=f"for fewer than {rule.below:,.0f} people; here are more")
    event = rule.after if rule.after in dates else INSTEAD.get(rule.after, rule.after)
    if rule.unit == "without delay":
        return Due(rule=rule, counted="without delay; no number of days")
    if event not in dates:
        return Due(rule=rule, counted=f"{_period(rule)} after the date asked for", ask=EVENTS[rule.after])
    start = moment_of(dates[event], event)
    counted = f"{_period(rule)} after {dates[event]} ({event})"
    ask = "" if event == rule.after else EVENTS[rule.after]
    if ask:
        counted += f"; the date of {rule.after!r} is not given, and this is the earliest it can be"
    return Due(rule=rule, by=_end(start, rule), counted=counted, ask=ask)


def _period(rule: Deadline) -> str:
    if rule.unit == "days after the year":
        return f"{rule.count} days after the end of the year,"
    return f"{rule.count} {rule.unit}"


def _end(start: datetime, rule: Deadline) -> str:
    """End of a period, as text."""
    if rule.unit == "hours":
        return (start + timedelta(hours=rule.count)).strftime("%Y-%m-%d %H:%M")
    if rule.unit == "business days":
        # A period that begins on a day off counts from the next business day, which is its first day.
        first = np.datetime64(start.date(), "D")
        holidays = us_holidays(start.date())
        return str(np.busday_offset(first, rule.count, roll="backward", holidays=holidays))
    day = date(start.year, 12, 31) if rule.unit == "days after the year" else start.date()
    return (day + timedelta(days=rule.count)).isoformat()


def us_holidays(start: date) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return the federal holidays of the United States around a date.

    Parameters
    ----------
    start
        A date.

    Returns
    -------
    Days off within the months after it, and some before. Days that a president orders by himself, such as
    days of mourning, are not among them.
    """
    from pandas.tseries.holiday import USFederalHolidayCalendar

    reach = timedelta(days=120)
    found = USFederalHolidayCalendar().holidays(start=start - reach, end=start + reach)
    return found.to_numpy().astype("datetime64[D]")
