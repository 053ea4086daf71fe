# SPDX-License-Identifier: Apache-2.0
"""What processes hold and use, as the kernel tells it."""
import os
import resource
import time

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def memory_of(pid):
    pids, anon, rss = [pid], 0, 0
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            pids += [int(child) for child in file.read().split()]
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                pids += [int(child) for child in file.read().split()]
    except OSError:
        pass
    for one in set(pids):
        try:
            with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as file:
                values = {line.split(":")[0]: line.split()[1] for line in file if ":" in line
                          and line.split()[-1] == "kB"}
        except OSError:
            continue
        anon += int(values.get("Pss_Anon", 0)) + int(values.get("Pss_Shmem", 0))
        rss += int(values.get("Rss", 0))
    return anon / 1024, rss / 1024


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _stats():
    """Of each process: its parent, and CPU seconds of its own and of its children that ended."""
    stats = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        stats[int(pid)] = int(fields[1]), sum(map(int, fields[11:15])) * _TICK_S
    return stats


def tree_cpu(*pids):
    """CPU seconds of processes, of those that they started and of theirs, the ended ones included."""
    stats, seen, wanted = _stats(), set(), set(pids)
    while wanted:
        seen |= wanted
        wanted = {one for one, (parent, _) in stats.items() if parent in wanted} - seen
    return sum(stats[one][1] for one in seen if one in stats)


def _own_cpu():
    """Of the children of this process that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _busy_cpu():
    """Of the whole machine, user, nice, system and steal: what interrupts cost is everybody's."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:]]
    return (fields[0] + fields[1] + fields[2] + fields[7]) * _TICK_S


class Machine:
    """Who used the processors since it was made; servers are ours, whoever started them."""

    def __init__(self, *servers):
        self._roots = os.getpid(), *servers
        self._ended, self._here = _own_cpu(), tree_cpu(*self._roots)
        self._busy, self._began = _busy_cpu(), time.monotonic()

    def own(self):
        """CPU seconds of children that have ended since."""
        return _own_cpu() - self._ended

    def others(self):
        """Share of the processors that was used by none of ours."""
        wall = (time.monotonic() - self._began) * os.cpu_count()
        ours = tree_cpu(*self._roots) - self._here
        return max(0.0, _busy_cpu() - self._busy - ours) / wall
