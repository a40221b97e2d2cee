"""The index that pages are served from, while the next is made."""
