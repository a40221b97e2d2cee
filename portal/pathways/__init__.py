"""Dated pathways: compose, edit, agree, follow, print."""
