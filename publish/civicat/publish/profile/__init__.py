"""The profile of a table: what its columns hold, in figures, made in one pass while the table is written.

profiler    chunks of any size -> blocks of one size -> columns      (profiler.py)
columns     one kind of column each: numbers, texts, truths, shapes  (numbers.py, texts.py, shapes.py)
figures     values and counts -> quantiles, histogram, top values    (counted.py, quantiles.py, histogram.py, heavy.py)
sketch      a column as its smallest hashes                          (sketch.py; read and compared in civicat.sketches)
meaning     language by script, semantic type by pattern             (language.py, semantics.py)
"""

from civicat.publish.profile.profiler import Profiler
from civicat.publish.profile.sketch import hashes
from civicat.sketches import Sketch, containment, read_sketch

__all__ = ["Profiler", "Sketch", "containment", "hashes", "read_sketch"]
