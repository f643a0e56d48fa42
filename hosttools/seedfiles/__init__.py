"""Seed files: the secrets of tokens as makers deliver them and servers import them.

SeedFileError   what is wrong with one, and where (exit code 2)
SeedRecord      one token of one
read_seeds      any format, told from its content
write_…         one function a format
new_seeds       tokens that there were not before
sample          the files that come along
"""

from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.new import new_seed, new_seeds
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.reader import SeedFormat, read_seed_bytes, read_seeds
from hosttools.seedfiles.samples import sample, sample_names

__all__ = [
    "SeedFileError",
    "SeedFormat",
    "SeedRecord",
    "new_seed",
    "new_seeds",
    "read_seed_bytes",
    "read_seeds",
    "sample",
    "sample_names",
    "write_oath_csv",
    "write_pskc",
]
