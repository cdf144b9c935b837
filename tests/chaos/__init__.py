"""Chaos: a lobby of real processes under load, in which hub, agent and broker are killed again and again.

`blows` says what is killed and when, `stage` has the processes, `people` are the load, `ledger` is what they were
promised, `watch` follows the journal, `judge` holds one against the other, `run` is all of it, `report` tells it.
"""
