"""The service day of one site, as a value. Pure: no clock, no I/O, no chance of its own.

    input ──► decide(day, input, now) ──► events ──► apply(day, event)

Everything that can happen in a lobby is decided here and nowhere else. This room knows no database, no network, no
page; it reads nothing but what the events told it.
"""
