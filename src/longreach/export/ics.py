"""iCalendar: take-offs, contacts, decisions, join-ups and the time on station, for the staff's calendars."""

from __future__ import annotations

from longreach.export.result import File
from longreach.export.table import Table, moment


def files(table: Table) -> tuple[File, ...]:
    """One calendar of all events. Needs `icalendar` (extra `export`)."""
    from icalendar import Calendar
    from icalendar import Event as Entry

    calendar = Calendar()
    calendar.add("prodid", "-//Longreach//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", table.plan.name)
    for event in table.events:
        entry = Entry()
        entry.add("uid", f"{event.id}.{table.sha256[:32]}@longreach")
        entry.add("dtstamp", moment(table.first_s))  # the plan's own time: one plan, one file
        entry.add("dtstart", moment(event.start_s))
        if event.end_s > event.start_s:
            entry.add("dtend", moment(event.end_s))
        entry.add("summary", event.title)
        entry.add("description", f"{event.detail}\nFor exercise and analysis, not for navigation.".strip())
        entry.add("geo", (round(event.lat, 6), round(event.lon, 6)))
        entry.add("categories", [event.kind])
        calendar.add_component(entry)
    losses = ("a calendar holds what happens at a time: no tracks, fuel or airspace",)
    return (File("plan.ics", calendar.to_ical(), losses),)
