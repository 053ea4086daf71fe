# SPDX-License-Identifier: Apache-2.0
"""The table: how servers behave, and what must come out. docs/servers.md."""
from . import bodies, dialects, folder, sign_in, sizes

ROWS = [*dialects.ROWS, *sign_in.ROWS, *folder.ROWS, *sizes.ROWS, *bodies.ROWS]
