"""The checks of a checklist: frictionless' own, a block of rows at a time where that is simple.

Each has a watch (watch.py): it sees every block and marks the rows that it is not sure of; frictionless' own check says
what is wrong with those. What is said at the end of the table comes from the same check, or from exact sums.

checklist.py   which checks are asked for, and which errors are wanted; what frictionless' checks are called and take
asked.py       what reading.py asks of them
theirs.py      frictionless' checks, rows and errors; running.py: all checks over one table, in frictionless' order
through.py     any check, row by row; the other modules are one check each, and equals.py which cells equal a value
"""
