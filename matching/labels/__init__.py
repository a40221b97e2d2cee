"""What people type, and what a nomenclature calls it: trades, skills, licences.

``resolver`` ranks the labels of a nomenclature for a query, ``lexicon`` holds the everyday
words of the trades, ``credentials`` finds licences and certificates in free text.
"""
