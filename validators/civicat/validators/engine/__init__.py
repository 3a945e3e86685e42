"""The engine: the rows of a table against its schema, frictionless' own findings at the price of a conversion.

It accepts fast and explains exactly. A kernel for each field takes a whole column at once and may only accept what
frictionless accepts; the cells that it is not sure of go to frictionless' own readers, so what is reported is theirs.

opening.py    how a table is to be read: header, dialect, expected fields (plain.py: when frictionless is not asked)
cutter.py     the blocks of a resource: of bytes (incoming, pieces, tokens, cutting) or of rows of cells (cells)
block.py      what a block is: consecutive records of a table, as columns
kernels/      type of field -> kernel: a column of text or cells -> values, and which cells it is not sure of
settling.py   the cells that are not sure, judged by frictionless (exact.py: the only module that knows it)
view.py       a block judged and settled: what the keys and the rows are taken from
keys.py       which rows repeat a key, in bounded memory (hashing, partitions); foreign.py: which keys are not found
assembly.py   one row cell by cell, its problems in frictionless' order (rules.py: what a row has to hold)
roundtrip.py  what became of the texts of the rows that are kept (unchanged, rewrites): the proof of their conversion
reading.py    the pass over one resource: blocks -> batches of typed values and problems, in row order, up to the limit
"""
