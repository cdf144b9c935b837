"""Benchmarks: each figure of ours beside the barest thing that could do the same, in turns, in one run.

python -m tests.bench
"""
