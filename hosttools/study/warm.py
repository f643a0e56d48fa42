"""Compiles the loop when it is imported: once, in the server that workers are forked from."""

from hosttools.study.model import Study
from hosttools.study.part import run_part

run_part(Study(months=1), range(1))
