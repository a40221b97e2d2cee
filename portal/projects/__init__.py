"""Major projects: the jobs they need, the people ready, the training that leads there."""
