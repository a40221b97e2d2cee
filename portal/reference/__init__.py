"""Reference data: occupations, skills, credentials, communes and major projects."""
