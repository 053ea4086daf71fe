# SPDX-License-Identifier: Apache-2.0
"""Integration tests: the real programs against real servers, and the servers themselves."""
