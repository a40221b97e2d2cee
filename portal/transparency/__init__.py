"""What the portal says of itself: its rules, its accessibility, its data, who read what."""
