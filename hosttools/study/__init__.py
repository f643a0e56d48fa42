"""What a fleet of tokens does in years: whole lives of thousands of holders, counted.

:func:`hosttools.study.reader.read_study` reads a question, :func:`hosttools.study.part.run_part`
lives a part of it, :mod:`hosttools.study.runner` spreads the parts, and
:mod:`hosttools.study.answers` tells what came of it.
"""
