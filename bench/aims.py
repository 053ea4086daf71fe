# SPDX-License-Identifier: Apache-2.0
"""What the connector is to do, beside what a run showed."""

BUSY_PERCENT = 10  # of the processors, used by others: ratios would say nothing

# For each size, of the default mode.
TIMES_OTHER = {"4k": 24, "50k": 9, "1m": 7.5}
TIMES_OTHER_FAR = {"4k": 300}  # 20 ms to each server
OF_IDEAL = {"4k": 0.48, "50k": 0.45, "1m": 0.63}
OWN_CPU_US = {"4k": 80, "50k": 350, "1m": 3700}
TIMES_BROKER = {"4k": 1.3, "50k": 1.3, "1m": 1.3}
AT_WORK_MIB = {"4k": 10, "50k": 12, "1m": 16}
IDLE_MIB = 3


class Table:
    def __init__(self):
        self.lines = []

    def add(self, name, now, aim, at_least, form):
        holds = "-" if now is None else "yes" if (now >= aim if at_least else now <= aim) else "no"
        self.lines.append((name, "not run" if now is None else form.format(now),
                           form.format(aim), holds))

    def show(self):
        print()
        for line in [("", "now", "aim", "holds"), *self.lines]:
            print(f"{line[0]:<58}{line[1]:>10}{line[2]:>10}  {line[3]}")


def _ratio(row, base, column):
    return row[column] / base[column] if row and base and base.get(column) else None


def _add_size(table, size, rows, who, is_far):
    row, other, ideal = (rows.get((size, one)) for one in (who, "other", "ideal"))
    times = TIMES_OTHER_FAR if is_far else TIMES_OTHER
    if not row:
        return
    if size in times:
        table.add(f"{size} {who}: times the other connector's rate", _ratio(row, other, "mails/s"),
                  times[size], True, "{:.1f}")
    if is_far:
        return
    table.add(f"{size} {who}: of the ideal client's rate", _ratio(row, ideal, "mails/s"),
              OF_IDEAL[size], True, "{:.0%}")
    table.add(f"{size} {who}: own CPU us a mail", row["CPU us"], OWN_CPU_US[size], False, "{:.0f}")
    table.add(f"{size} {who}: RabbitMQ's CPU, times the ideal client's",
              _ratio(row, ideal, "RabbitMQ us"), TIMES_BROKER[size], False, "{:.2f}")
    table.add(f"{size} {who}: anonymous and shared MiB at work", row["anon MiB"],
              AT_WORK_MIB[size], False, "{:.1f}")


def show(rows, idle_mib, is_far):
    """Prints the table; 1, and no table, where others used the machine."""
    busy = max(row["others %"] for row in rows)
    if busy > BUSY_PERCENT:
        print(f"\nOthers used {busy:.0f} % of the processors (more than {BUSY_PERCENT}): no ratios.")
        return 1
    table = Table()
    by_name = {(row["size"], row["who"]): row for row in rows}
    for size in OF_IDEAL:
        for who in ("safe", "verbatim"):
            _add_size(table, size, by_name, who, is_far)
    table.add("anonymous and shared MiB idle (--polls)", idle_mib, IDLE_MIB, False, "{:.1f}")
    table.show()
    return 0
