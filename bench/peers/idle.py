"""Seconds a step, of which those are refused that were measured while other processes used the cores."""
import os
import sys
import time

SHORTEST = 0.5  # seconds; less would measure the clock of /proc/stat, which ticks every 10 ms
MOST_BY_OTHERS = 0.05  # share of the cores that others may use
TRIES = 4  # per sample wanted


def core_time():
    """Clock, number of cores, seconds used by all (other virtual machines too), seconds used by this process."""
    with open("/proc/stat") as f:
        lines = f.readlines()
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, lines[0].split()[1:9])
    cores = sum(line.startswith("cpu") for line in lines) - 1
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return time.perf_counter(), cores, busy, time.process_time()


class Turn:
    """While a file exists it is this process's turn; it deletes the file to hand the turn back. None: always."""

    def __init__(self, file):
        self.file = file

    def wait(self):
        while self.file and not os.path.exists(self.file):
            time.sleep(0.05)

    def hand_back(self):
        if self.file:
            os.remove(self.file)


class Samples:
    def __init__(self, wanted, force, turn):
        self.wanted, self.force, self.turn = wanted, force, turn
        self.seconds, self.steps, self.others, self.refused = [], 0, 0.0, 0

    def take(self, step, wait, trial):
        """Calls step as often as makes a sample long enough, until all samples are there; trial: seconds of one call."""
        steps = max(1, -int(-SHORTEST // trial))
        while len(self.seconds) < self.wanted:
            self.turn.wait()
            clock, cores, busy, own = core_time()
            for _ in range(steps):
                step()
            wait()
            clock2, _, busy2, own2 = core_time()
            others = max(0.0, (busy2 - busy - (own2 - own)) / (cores * (clock2 - clock)))
            if others > MOST_BY_OTHERS and not self.force:
                self.refused += 1
                if self.refused > TRIES * self.wanted:
                    sys.exit(f"torch_steps: refused {self.refused} samples: other processes used {others:.0%} of the cores in"
                             " the last; stop them, or measure all the same with --force")
                continue
            self.others = max(self.others, others)
            self.steps += steps
            self.seconds.append((clock2 - clock) / steps)
            self.turn.hand_back()
