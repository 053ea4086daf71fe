# SPDX-License-Identifier: Apache-2.0
"""What a process and its children hold and use, as the kernel tells it."""
import os


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
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
