"""Who comes in two hours of mayhem, and with which habits."""

import csv
import io
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import time, timedelta

from hub.book.book import Book
from hub.day.hours import local
from hub.day.lobby import Lobby
from simulator.crowd import Character
from simulator.mayhem.plan import Plan
from simulator.scenario import Shift, Staff, Visitors

VISITORS = Visitors(
    count=36,
    # Clock times are seconds since the beginning.
    curve={time(0, 1): 3, time(0, 20): 2, time(1, 20): 2, time(1, 45): 1},
    services={"passports": 3, "permits": 3, "residents": 4, "social-help": 2},
    languages={"en": 3, "fr": 1},
    phone=0.6,
    phone_live=0.05,
    no_show=0.06,
    patience_s=(900, 3_600),
    priority=0.15,
    second_ticket=0.08,
    comes_back=0.5,
    without_ticket=0.05,
)
STAFF = Staff(
    # When they work is for `run` to say.
    shifts=(Shift(desks=("desk-1",), begins=time(0, 0), ends=time(0, 1)),),
    recall_after_s=30,
    no_show_after_s=60,
    twice=0.1,
    undo=0.06,
    pick=0.06,
    park=0.08,
    transfer=0.06,
)
BOOKED = 0.2
"""The share of visitors who have an appointment."""
SLOT_EVERY_S = 600
FIRST_SLOT_S, LAST_SLOT_S = 900, 6_300
EARLY_S = (-500.0, 900.0)
"""Before the slot; below 0 after it."""
NEVER = 0.1


async def appointments(book: Book, lobby: Lobby, visitors: Iterable[Character], plan: Plan) -> list[Character]:
    """Everybody who comes, in order; some with the code of an appointment that is now in the book."""
    come: list[Character] = []
    booked: dict[str, Character] = {}
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["uid", "service", "start", "party", "name"])
    for visitor in visitors:
        chance = random.Random(f"{plan.seed}/{visitor.name}/appointment")
        if chance.random() >= BOOKED:
            come.append(visitor)
            continue
        slot_s = chance.randrange(FIRST_SLOT_S, LAST_SLOT_S, SLOT_EVERY_S)
        slot_at = local(lobby, plan.begins_at + timedelta(seconds=slot_s))
        rows.writerow([visitor.name, visitor.service, f"{slot_at:%Y-%m-%dT%H:%M:%S}", visitor.party_people, "Somebody"])
        if chance.random() >= NEVER:
            booked[visitor.name] = replace(visitor, comes_at_s=max(slot_s - chance.uniform(*EARLY_S), 60.0))
    await book.import_file(text.getvalue().encode(), source="mayhem")
    codes = {it.uid: it.code for it in (await book.view()).appointments}
    come += [replace(it, code=codes[name]) for name, it in booked.items() if name in codes]
    return sorted(come, key=lambda it: (it.comes_at_s, it.name))
