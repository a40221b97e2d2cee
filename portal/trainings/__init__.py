"""The catalogue of training: sessions, their seats, what they teach, whom they help."""
