"""Write the figures of an edition as open data, from `Released` alone.

CSV with CSVW, workbooks, Apache Parquet, SDMX, a catalogue for portals, a dictionary, one archive.
"""

from obs.open_data.about_edition import AboutEdition
from obs.open_data.open_files import make_open_data, open_data_files, write_open_data
from obs.open_data.open_tables import open_tables
from obs.open_data.portal_catalogue import CATALOGUE, issued_catalogue

__all__ = [
    "CATALOGUE",
    "AboutEdition",
    "issued_catalogue",
    "make_open_data",
    "open_data_files",
    "open_tables",
    "write_open_data",
]
