# SPDX-License-Identifier: Apache-2.0
"""A stand-in for an OpenCTI platform and its worker, as a connector sees them.

Answers follow what platform release 7.260817.0 was measured to do; where older releases differ
the release given at start decides. Nothing here is the platform's code.
"""
