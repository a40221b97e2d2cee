"""Long work outside requests: one table of jobs, claimed by worker processes.

A job is claimed with one statement, so two workers never take the same. While it runs, its
worker writes progress and a heartbeat in short transactions of their own. A job whose worker
died is claimed again once its heartbeat is old, at most three times.
"""
