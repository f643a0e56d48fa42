"""Seed files: the secrets of tokens as makers deliver them and servers import them.

SeedFileError   what is wrong with one, and where (exit code 2)
NotKeptWarning  what a file says and a record has no room for
SeedRecord      one token of one
read_seeds      any format, told from its content
salvage_seeds   the good records of one that has bad ones too
FORMATS         the table of formats, each with its reader and writer
write_…         one function a format; the two that are wanted most are here
new_seeds       tokens that there were not before
sample          the files that come along
"""

from hosttools.seedfiles.errors import NotKeptWarning, SeedFileError, SeedKeyError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.new import new_seed, new_seeds
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.reader import read_seed, read_seed_bytes, read_seeds
from hosttools.seedfiles.registry import FORMATS, SeedFormat
from hosttools.seedfiles.salvage import salvage_seeds
from hosttools.seedfiles.samples import sample, sample_names, seed_path

__all__ = [
    "FORMATS",
    "NotKeptWarning",
    "SeedFileError",
    "SeedFormat",
    "SeedKeyError",
    "SeedRecord",
    "new_seed",
    "new_seeds",
    "read_seed",
    "read_seed_bytes",
    "read_seeds",
    "salvage_seeds",
    "sample",
    "sample_names",
    "seed_path",
    "write_oath_csv",
    "write_pskc",
]
