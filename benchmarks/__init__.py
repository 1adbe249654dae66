"""Benchmarks: each `bench_*.py` times one thing against its budget; `python -m benchmarks` runs them all."""
