"""How large a list may be; asked before anything of it is read."""

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 60
# What a field takes at most is told by its own rule; this only bounds what is kept of a column that nobody reads.
LONGEST_CELL = 600
