"""What counters of other makers say, and what we make of it.

`readings` holds the words in which every counter is told, `sent` takes apart what came, `totals` adds it up. How one
make of counters speaks stands in a file of its own in `edge/dialects/`.
"""
