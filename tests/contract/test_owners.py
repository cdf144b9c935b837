"""Who owns a site of a PostgreSQL that hubs share: one at a time, for as long as it is heard."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta

import pytest

from hub.database import open_journal
from hub.errors import Conflict, Unwritten
from hub.journal import Journal
from hub.owners import Owner
from tests.databases import Postgresql
from tests.given import MONDAY_9H

SITES = ["annex", "hall"]


@pytest.fixture
def hubs(postgresql_server: Postgresql) -> Iterator[tuple[Journal, Journal]]:
    """Two on one database."""
    url = postgresql_server.new_database()
    with ExitStack() as stack:
        one, two = (stack.enter_context(open_journal(url)) for _ in range(2))
        yield one, two


def look(journal: Journal) -> list[Owner]:
    with journal.transaction() as connection:
        return journal.owners.look(connection, SITES)


def take(journal: Journal, seen: Sequence[Owner], holder: str) -> None:
    with journal.transaction() as connection:
        journal.owners.take(connection, seen, holder, f"http://{holder}")


def renew(journal: Journal, holder: str) -> int:
    with journal.transaction() as connection:
        return journal.owners.renew(connection, holder)


def test_sites_that_nobody_ever_owned_are_taken_together(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    assert [(it.site, it.term, it.is_gone) for it in look(one)] == [("annex", 0, True), ("hall", 0, True)]
    take(one, look(one), "one")
    assert [(it.term, it.holder, it.address) for it in look(two)] == [(1, "one", "http://one")] * 2
    assert all(0 <= it.silent_s < 60 for it in look(two)), "by one clock, whoever looks"
    assert one.claim("hall", "one", MONDAY_9H) == 1


def test_of_two_who_saw_the_same_silence_one_takes_the_sites(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    seen = look(one)
    take(two, seen, "two")
    with pytest.raises(Conflict, match="claimed by another hub in the same moment"):
        take(one, seen, "one")
    assert {it.holder for it in look(one)} == {"two"}


def test_an_owner_that_was_heard_meanwhile_keeps_all_of_its_sites(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    take(one, look(one), "one")
    seen = look(two)
    assert renew(one, "one") == 2
    with pytest.raises(Conflict):
        take(two, seen, "two")
    assert {(it.holder, it.term) for it in look(two)} == {("one", 1)}


def test_an_owner_that_lost_its_sites_renews_none(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    take(one, look(one), "one")
    take(two, look(two), "two")
    assert (renew(one, "one"), renew(two, "two")) == (0, 2)


def test_who_gives_its_sites_back_is_gone_at_once(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    take(one, look(one), "one")
    with one.transaction() as connection:
        one.owners.give_back(connection, "one")
    assert all(it.is_gone for it in look(two))
    take(two, look(two), "two")
    assert {it.term for it in look(one)} == {2}


def test_a_commit_says_that_the_owner_lives_by_the_databases_clock(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    take(one, look(one), "one")
    before = {it.site: it.renewed_at for it in look(two)}
    with one.transaction() as connection:
        one.owners.hold(connection, "hall", 1, MONDAY_9H - timedelta(days=999), seq=0, opened_seq=0)
    after = {it.site: it.renewed_at for it in look(two)}
    assert after["hall"] > before["hall"]
    assert after["annex"] == before["annex"]


def test_a_hub_that_stops_in_the_middle_of_a_transaction_does_not_keep_its_sites(hubs: tuple[Journal, Journal]) -> None:
    one, two = hubs
    take(one, look(one), "one")
    seen = look(two)

    def stopped_half_way() -> None:
        with one.transaction() as connection:
            one.owners.hold(connection, "hall", 1, MONDAY_9H, seq=7, opened_seq=0)
            with pytest.raises(Unwritten, match="lock timeout"):
                take(two, seen, "two")
            take(two, seen, "two")

    with pytest.raises(Unwritten):
        stopped_half_way()
    assert {(it.holder, it.term) for it in look(one)} == {("two", 2)}
    with two.transaction() as connection:
        assert connection.exec_driver_sql("SELECT max(seq) FROM owner").scalar_one() == 0
