"""A scenario, lived through in virtual time: people come and go, staff work, the network misbehaves and calms down."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

from hub.config import load_lobby
from hub.database import IN_MEMORY, open_journal
from hub.day.hours import local
from hub.day.lobby import OUTSIDE, DeviceKind, Lobby
from simulator import booked, mishaps, people
from simulator.changes import change_faults, changed
from simulator.clock import Now, run_virtual
from simulator.crowd import crowd, seconds
from simulator.door_counts import CountsError
from simulator.fleet import configs
from simulator.lobby_run import LobbyRun
from simulator.passers_by import PasserBy, come_and_go, passers_by
from simulator.people import Visitor
from simulator.running import RunningLobby
from simulator.scenario import LimitChange, Scenario, Setting, Shift, faults_with, instant
from simulator.scenario_file import ScenarioError
from simulator.staff import Clerk
from simulator.summary import Findings, Summary, findings, summary

PROGRESS_S = 3_600
"""One line is said each hour of the lobby's time."""

Say = Callable[[str], None]


def load(setting: Setting) -> Lobby:
    """The lobby of a scenario, changed as the scenario says.

    Raises:
        ConfigError: the lobby's file has faults.
        ScenarioError: the scenario asks for what the lobby has not.
    """
    lobby = load_lobby(setting.lobby_path)
    faults = change_faults(lobby, setting.scenario)
    if faults:
        raise ScenarioError("\n".join(faults))
    lobby = changed(lobby, setting.scenario)
    faults = faults_with(
        setting.scenario,
        services=[it.id for it in lobby.services],
        desks=[it.id for it in lobby.desks],
        doors=[it.id for it in lobby.doors if it.from_room == OUTSIDE],
        rooms=[it.id for it in lobby.rooms],
        mishaps={name: kind.places(lobby) for name, kind in mishaps.KINDS.items()},
    )
    at_doors = Counter(it.door for it in lobby.devices if it.kind is DeviceKind.COUNTER)
    faults += [f"devices: door {it!r} has {n} counters; a simulated one has one" for it, n in at_doors.items() if n > 1]
    try:
        people_without_tickets(setting, seed=0)
    except CountsError as error:
        faults.append(str(error))
    if faults:
        raise ScenarioError("\n".join(faults))
    return lobby


def people_without_tickets(setting: Setting, seed: int | str) -> list[PasserBy]:
    """Who comes and goes beside the visitors.

    Raises:
        CountsError: the file does not have this day.
    """
    who = setting.scenario.passers_by
    if who is None or setting.door_counts is None:
        return []
    return passers_by(setting.door_counts, who, setting.scenario.date, seed)


def simulate(setting: Setting, *, seed: int | str, say: Say) -> tuple[Summary, Findings]:
    """The whole day of `setting`. The same seed gives the same day, to the last byte.

    Raises:
        ConfigError, FleetError, ScenarioError: the scenario, its lobby or its agents cannot be used.
    """
    lobby = load(setting)
    it = setting.scenario
    agents = configs(lobby, setting.agents_path, more=[desk.id for desk in it.more_desks])

    async def main(now: Now) -> tuple[Summary, Findings]:
        with open_journal(IN_MEMORY) as journal:
            run = LobbyRun(lobby, agents, journal, seed=seed, now=now, network=it.network)
            async with run.running(), asyncio.TaskGroup() as group:
                for mishap in _mishaps(it):
                    group.create_task(mishaps.happen(run, mishap))
                await live(run, setting, seed=seed, now=now, say=say)
                found = await findings(run)
            return summary(run, found), found

    return run_virtual(main, seed=seed, start_at=instant(it, it.starts, lobby.site.time_zone))


async def live(run: RunningLobby, setting: Setting, *, seed: int | str, now: Now, say: Say) -> None:
    """People and mishaps, until the end of the day; the last `calm_s` nobody moves and the network is calm."""
    it = setting.scenario
    lobby = people.Lobby(run.hall, lambda: run.web, now, seed)
    drawn = crowd(it.visitors, seed)
    bookings = booked.book(drawn, it, run.lobby.site.time_zone, seed)
    with_code = await booked.invited(run.book, bookings) if bookings else []
    starts_s = seconds(it.starts)
    lasts_s = seconds(it.ends) - starts_s - it.calm_s
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tell(run, lobby, now, say))]
        tasks += [group.create_task(_limit(run, limit, starts_s)) for limit in it.limit_changes]
        for shift in it.staff.shifts:
            tasks += [group.create_task(_shift(run, lobby, it, shift, desk)) for desk in shift.desks]
        if it.passers_by is not None:
            others = people_without_tickets(setting, seed)
            tasks.append(group.create_task(come_and_go(others, run.hall, it.passers_by.door, starts_s)))
        for character in booked.everybody(drawn, bookings, with_code):
            comes_s = character.comes_at_s - starts_s
            if comes_s >= lasts_s:
                break
            await _until(comes_s)
            tasks.append(group.create_task(Visitor(character, lobby).visit()))
        await _until(lasts_s)
        for task in tasks:
            task.cancel()
    run.calm_down()
    await asyncio.sleep(it.calm_s)
    say(f"{_clock(run, now)}  the day is over: {', '.join(f'{n} {fate}' for fate, n in lobby.fates.most_common())}")


async def _until(at_s: float) -> None:
    """Sleep until the loop's instant `at_s`."""
    await asyncio.sleep(at_s - asyncio.get_running_loop().time())


async def _shift(run: RunningLobby, lobby: people.Lobby, it: Scenario, shift: Shift, desk_id: str) -> None:
    place = next(place for place in run.hall.desks.values() if place.desk.id == desk_id)
    await _until(seconds(shift.begins) - seconds(it.starts))
    await Clerk(place, lobby, it.staff).work(seconds(shift.ends) - seconds(it.starts))


async def _limit(run: RunningLobby, limit: LimitChange, starts_s: float) -> None:
    """As a manager does it on the facilities page."""
    await _until(seconds(limit.at) - starts_s)
    wish = f"limit-of-{limit.room}-at-{limit.at:%H%M%S}"[:64].ljust(16, "-")
    form = {"room": limit.room, "people": str(limit.people), "why": "other", "do": "set", "request_id": wish}
    answer = await run.web.post(f"/{run.lobby.site.id}/facilities/limit", form=form)
    assert answer.status == 303, f"the limit of {limit.room} was not set: {answer.status}"


def _mishaps(scenario: Scenario) -> Iterator[mishaps.Mishap]:
    """What goes wrong, by the loop's clock."""
    starts_s = seconds(scenario.starts)
    for cut in scenario.network.cuts:
        yield mishaps.Mishap(kind="cut", where=cut.node, at_s=seconds(cut.begins) - starts_s, lasts_s=cut.lasts_s)
    for it in scenario.mishaps:
        at_s = seconds(it.begins) - starts_s
        yield mishaps.Mishap(kind=it.what, where=it.where, amount=it.amount, at_s=at_s, lasts_s=it.lasts_s)


async def _tell(run: RunningLobby, lobby: people.Lobby, now: Now, say: Say) -> None:
    while True:
        await asyncio.sleep(PROGRESS_S)
        seq = await run.site.read(lambda day, _: day.seq)
        waiting = await run.site.read(lambda day, _: sum(state.waiting for state in day.services.values()))
        say(f"{_clock(run, now)}  {waiting} waiting, {sum(lobby.fates.values())} gone, {seq} journal rows")


def _clock(run: RunningLobby, now: Now) -> str:
    return f"{local(run.lobby, now()):%H:%M}"
