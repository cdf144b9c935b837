"""How many people are in a room, from counters that err: a filter that learns how long people stay and what its
counters miss. It knows crossings and time, neither rooms nor tickets; `docs/occupancy.md` says what it assumes."""
