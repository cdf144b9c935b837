"""Accounts on the database itself, whether a hub works on it or not. A hub that does knows of it within a second."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TypeVar

from hub.accounts.office import Office
from hub.accounts.passwords import Passwords
from hub.accounts.register import Register
from hub.accounts.sql_store import SqlAccounts
from hub.database import open_beside, open_journal
from hub.errors import Conflict
from hub.journal import Journal
from hub.journal_thread import JournalThread

T = TypeVar("T")


async def with_office(
    work: Callable[[Office], Awaitable[T]],
    database_url: str,
    *,
    now: Callable[[], datetime],
    new_token: Callable[[], str],
    create: bool = False,
) -> T:
    """`work` on the accounts in the database at `database_url`, which is made when it is missing and `create` is true.

    Raises:
        JournalError: it cannot be opened, or does not answer.
    """
    with _opened(database_url, create=create) as journal:
        thread = JournalThread(journal)
        register = Register(SqlAccounts(thread), now=now, new_token=new_token)
        passwords = Passwords()
        try:
            await register.load()
            return await work(Office(register, passwords))
        finally:
            passwords.close()
            thread.close()


@contextmanager
def _opened(database_url: str, *, create: bool) -> Iterator[Journal]:
    with ExitStack() as stack:
        try:
            journal = stack.enter_context(open_journal(database_url, create=create))
        except Conflict:  # a hub works on it, which has brought it up to date
            journal = stack.enter_context(open_beside(database_url))
        yield journal
