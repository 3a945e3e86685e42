"""What changed between two releases of a dataset: exactly, by value, cell by cell, in flat memory.

compare         two releases -> Diff                            (comparison.py; keyed.py and keyless.py join the rows)
write_changes   the list of all changes, as Parquet             (changes.py)
summary         the sentence for people                         (sentence.py)
text, page      for a terminal, as HTML                         (terminal.py, webpage.py)
to_descriptor   as JSON                                         (document.py)
"""

from civicat.publish.diff.changes import write_changes
from civicat.publish.diff.comparison import compare
from civicat.publish.diff.document import to_descriptor
from civicat.publish.diff.model import Diff, TableDiff
from civicat.publish.diff.sentence import summary
from civicat.publish.diff.terminal import text
from civicat.publish.diff.webpage import page

__all__ = ["Diff", "TableDiff", "compare", "page", "summary", "text", "to_descriptor", "write_changes"]
