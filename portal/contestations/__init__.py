"""What people do not agree with: a human reads it, answers, and the answer is kept."""
