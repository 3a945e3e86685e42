"""Which columns of different tables can be joined: the answer to data that lies in silos (docs/joins.md).

columns     a release's descriptor and profile -> its columns, and which of them may be joined on   (columns.py)
rules       two columns -> whether and why they join                                                (rules.py)
finding     columns -> pairs that may join, through an index of their smallest hashes; joins.db     (finding.py)
known       joins.db -> the joins of a dataset, of the catalogue, by column                         (known.py)
statements  a join -> SQL to run, here and anywhere                                                 (statements.py)
trials      a join -> its first rows and what does not meet, counted in the released files          (trials.py)
"""

from civicat.catalog.joins.finding import JOINS, write
from civicat.catalog.joins.known import Join, Joins

__all__ = ["JOINS", "Join", "Joins", "write"]
