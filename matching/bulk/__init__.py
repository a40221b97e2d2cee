"""Lists on integers: ``layout`` says how the data lie, ``lists`` answers for everyone at once.

This file imports nothing, so that ``matching.ranking`` can use the parts for one person.
"""
