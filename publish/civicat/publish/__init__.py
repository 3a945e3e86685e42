"""From checked batches to an immutable release, and from releases to whatever people take away.

digest            what was handed in, as one sha256                        (inputs.py)
publish           Report and typed tables -> Release                       (release.py tells the story)
retract           a release -> its tombstone                               (retract.py, staging.py)
verify            every release, or one file, against its manifest         (verify.py, single.py, proof.py, damage.py)
versions          a dataset's releases and what each changed               (versions.py)
compare           two releases -> what differs, cell by cell               (diff/)
exports, kit      a release in other formats, for other people             (exports/, kit/, citation.py)
"""

from civicat.publish.diff import compare
from civicat.publish.inputs import digest
from civicat.publish.release import publish
from civicat.publish.retract import retract, taken_down
from civicat.publish.single import verify_file
from civicat.publish.tables import TypedTable
from civicat.publish.verify import Damaged, Verified, verify, verify_size
from civicat.publish.versions import versions

__all__ = [
    "Damaged",
    "TypedTable",
    "Verified",
    "compare",
    "digest",
    "publish",
    "retract",
    "taken_down",
    "verify",
    "verify_file",
    "verify_size",
    "versions",
]
