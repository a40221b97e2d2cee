"""What a person is invited to, and what they answer."""
