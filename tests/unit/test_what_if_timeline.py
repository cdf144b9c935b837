"""Processes on virtual time: they wait for instants and bells, and nothing else."""

from simulator.what_if.timeline import Bell, Process, Timeline, Wait


def test_everything_happens_in_the_order_of_its_instants_and_equal_ones_as_they_were_wished_for() -> None:
    timeline, said = Timeline(), list[tuple[float, str]]()

    def process(name: str, pause_s: float) -> Process[None]:
        for _ in range(2):
            yield pause_s
            said.append((timeline.now_s, name))

    timeline.start(process("b", 2))
    timeline.start(process("a", 1))
    timeline.start(process("c", 1))
    timeline.run(10)

    assert said == [(1, "a"), (1, "c"), (2, "b"), (2, "a"), (2, "c"), (4, "b")]


def test_a_bell_is_heard_once_by_all_who_wait_and_by_nobody_later() -> None:
    timeline, bell, said = Timeline(), Bell(), list[tuple[float, str, bool]]()

    def waits(name: str) -> Process[None]:
        rung = yield Wait(bell, 5)
        said.append((timeline.now_s, name, bool(rung)))

    def rings() -> Process[None]:
        yield 3
        timeline.ring(bell)

    timeline.start(waits("early"))
    timeline.start(waits("also"), at_s=1)
    timeline.start(waits("late"), at_s=4)
    timeline.start(rings())
    timeline.run(20)

    assert said == [(3, "early", True), (3, "also", True), (9, "late", False)]


def test_who_waits_without_end_is_left_waiting_and_the_end_is_not_reached() -> None:
    timeline, said = Timeline(), list[float]()

    def process() -> Process[None]:
        yield 10
        said.append(timeline.now_s)
        yield Wait(Bell())
        said.append(timeline.now_s)

    timeline.start(process())
    timeline.run(10)
    assert said == []
    timeline.run(1_000)
    assert said == [10]
    assert timeline.now_s == 1_000
