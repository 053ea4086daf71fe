# SPDX-License-Identifier: Apache-2.0
"""The table: how servers behave, and what must come out. docs/servers.md."""
from . import bodies, dialects, folder, kept, platform, sign_in, sizes, withheld

ROWS = [*dialects.ROWS, *sign_in.ROWS, *folder.ROWS, *sizes.ROWS, *bodies.ROWS,
        *withheld.ROWS, *kept.ROWS, *platform.ROWS]
