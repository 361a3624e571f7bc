#!/usr/bin/env python3
"""One JSON line per measured process on stdin, the table of bench/compare.sh as Markdown on stdout."""
import json
import statistics
import sys

rows = [json.loads(line) for line in sys.stdin if line.strip()]
names = list(dict.fromkeys(r["who"] for r in rows))
if len({r["parameters"] for r in rows}) != 1:
    sys.exit(f"report: the models differ: {[(r['who'], r['parameters']) for r in rows]} parameters")
medians = {n: statistics.median(r["median_s"] for r in rows if r["who"] == n) for n in names}
peaks = {n: max(r["peak_rss_mb"] for r in rows if r["who"] == n) for n in names}

print(f"{rows[0]['parameters']:,} parameters.")
print()
print("| who | seconds a step: median of the rounds | each round | fastest .. slowest step | peak resident memory |")
print("| --- | ---: | --- | --- | ---: |")
for n in names:
    mine = [r for r in rows if r["who"] == n]
    rounds = ", ".join(f"{r['median_s']:.3f}" for r in mine)
    spread = f"{min(r['min_s'] for r in mine):.3f} .. {max(r['max_s'] for r in mine):.3f}"
    print(f"| {n} ({mine[0]['version']}) | **{medians[n]:.3f}** | {rounds} | {spread} | {peaks[n]:,} MB |")
if len(names) == 2:
    a, b = names
    print()
    print(f"{b} / {a}: time {medians[b] / medians[a]:.2f}, memory {peaks[b] / peaks[a]:.2f} (above 1: {a} needs less).")
