"""A release in the form that each person's tool likes, made when it is asked for, kept in the cache.

FORMS         every form by its name                              (forms.py)
export        one of them as a file, made where it is not there   (cache.py)
file_name     what that file is called in a downloads folder      (cache.py)
unknown_form  the error for a form that there is not              (cache.py)
forget        removes every export of a release                   (cache.py)
remove        removes a folder of the cache                       (cache.py)
dump          the whole catalogue as one tar                      (dumping.py)
catalogue     what the catalogue.json in it says                  (dumping.py)
left_out      the versions that a dump has not                    (dumping.py)
"""

from civicat.publish.exports.cache import export, file_name, forget, remove, unknown_form
from civicat.publish.exports.dumping import Dumped, catalogue, dump, left_out
from civicat.publish.exports.form import Content, Form
from civicat.publish.exports.forms import FORMS

__all__ = [
    "FORMS",
    "Content",
    "Dumped",
    "Form",
    "catalogue",
    "dump",
    "export",
    "file_name",
    "forget",
    "left_out",
    "remove",
    "unknown_form",
]
