# SPDX-License-Identifier: Apache-2.0
"""Private test servers on loopback: broker, mail server, sign-in, and a stand-in platform."""
