"""A release for people without a network, or without a computer: pages in a zip, and a leaflet to print.

offline     the zip: pages, CSV, leaflets, checksums          (offline.py; archive.py writes it, pages.py fills it)
leaflets    one page of A4 as PDF, in zh or en                (leaflets.py; fitting.py cuts, typesetting.py prints)
facts       what both say of a release                        (facts.py, dictionary.py, words.py)
figures     the release's profile.json, as pictures           (figures.py, pictures.py)
"""

from civicat.publish.kit.leaflets import leaflet
from civicat.publish.kit.offline import kit

__all__ = ["kit", "leaflet"]
