"""The corpora ``fixtures/workbooks/should_pass`` and ``should_fail``: written by ``python -m
assessments.tests.workbook.corpora``, read by ``test_corpora``.

What a file must give is declared with the case that makes it, and never taken from the reader under test.
"""
