"""What takes a cohort from a draft to hires in a browser, step by step."""
