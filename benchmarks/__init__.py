"""What is fast, against whom, how to re-run: `python -m benchmarks`."""
