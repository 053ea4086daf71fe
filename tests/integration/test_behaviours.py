# SPDX-License-Identifier: Apache-2.0
"""The whole program against mail servers as they are: the table of behaviours.

EII_BEHAVIOURS: names to play, with * and ?, separated by "|"; default all.
EII_LANES: how many are played side by side. docs/servers.md says more.
"""
import collections
import fnmatch
import os
import queue
import sys
import threading
import unittest

from .behaviours import ROWS
from .behaviours.stage import Lane, play
from .support import BINARY

LANES = int(os.environ.get("EII_LANES", "8"))
WANTED = os.environ.get("EII_BEHAVIOURS", "*").split("|")
OF_ONE_KIND = 5


def chosen():
    return [row for row in ROWS if any(fnmatch.fnmatch(row.name, name) for name in WANTED)]


class Table(unittest.TestCase):
    def test_no_two_rows_are_the_same(self):
        names = collections.Counter(row.name for row in ROWS)
        self.assertEqual([name for name, count in names.items() if count > 1], [])
        points = collections.Counter((row.kind, row.at, row.exit, str(row.reports)) for row in ROWS)
        self.assertEqual([point for point, count in points.items() if count > 1], [])

    def test_at_most_five_rows_are_of_one_kind(self):
        kinds = collections.Counter(row.kind for row in ROWS)
        self.assertEqual([kind for kind, count in kinds.items() if count > OF_ONE_KIND], [])

    def test_each_row_says_where_it_was_seen(self):
        self.assertEqual([row.name for row in ROWS if not row.seen or not row.at], [])


@unittest.skipUnless(os.access(BINARY, os.X_OK), "EII_BINARY names no program")
class Behaviours(unittest.TestCase):
    def test_each_comes_out_as_the_table_says(self):
        waiting, failed = queue.SimpleQueue(), []
        rows = chosen()
        self.assertTrue(rows, f"no row is called {WANTED}")
        # Those that wait long begin first.
        for row in sorted(rows, key=lambda row: -row.within_s):
            waiting.put(row)
        lanes = [threading.Thread(target=self.run_lane, args=(waiting, failed))
                 for _ in range(min(LANES, len(rows)))]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        print(f"{len(rows) - len(failed)} of {len(rows)} behaviours came out as wanted")
        print("\n".join(failed))
        self.assertEqual(len(failed), 0, "behaviours came out otherwise")

    def run_lane(self, waiting, failed):
        lane = Lane()
        try:
            while not waiting.empty():
                self.play_one(lane, waiting.get_nowait(), failed)
        except queue.Empty:
            pass
        finally:
            lane.stop()

    @staticmethod
    def play_one(lane, row, failed):
        stage, problems, took_s = play(lane, row)
        verdict = "; ".join(problems) or "ok"
        print(f"{row.name}: {took_s:.1f} s, {stage.peak_mib:.0f} MiB: {verdict}", flush=True)
        if problems:
            failed.append(f"{row.name} ({row.seen}): {verdict}\n{stage.log()[-4000:]}\n"
                          f"alone: EII_BEHAVIOURS='{row.name}'")


if __name__ == "__main__":
    sys.exit("run it by run.py test_behaviours")
