"""From checked batches to an immutable release.

digest      what was handed in, as one sha256             (inputs.py)
publish     Report and typed tables -> Release            (release.py)
verify      every release against its manifest            (verify.py)
versions    a dataset's releases and what each changed    (versions.py)
"""

from civicat.publish.inputs import digest
from civicat.publish.release import publish
from civicat.publish.tables import TypedTable
from civicat.publish.verify import Damaged, Verified, verify
from civicat.publish.versions import versions

__all__ = ["Damaged", "TypedTable", "Verified", "digest", "publish", "verify", "versions"]
