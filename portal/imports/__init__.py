"""Imports: read a file, compare it with what is known, write the difference in one transaction.

Four phases (``pipeline.run_import``): *read* validates and stages rows outside the database;
*compare* tells, batch by batch, what is new, changed or the same; *prepare* computes what takes
long, both with no lock held; *write* applies the difference and the report in one short
transaction, rolled back on a dry run.
"""
