# SPDX-License-Identifier: Apache-2.0
"""Errors in the platform's words and shapes."""
import datetime


class PlatformError(Exception):
    """An error of a GraphQL call: code and message as the platform gives them."""

    STATUS = {"AUTH_REQUIRED": 401, "FORBIDDEN_ACCESS": 403, "FUNCTIONAL_ERROR": 400}

    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message

    @property
    def status(self):
        return self.STATUS.get(self.code, 500)


class WorkerError(Exception):
    """What the worker itself finds, or an answer that is no GraphQL: its text goes on the Work."""


def on_work(error):
    """The text of an error on the Work. The worker's library makes a dictionary of a GraphQL error
    and the worker writes that down; of a member that it misses, the name in quotes."""
    if isinstance(error, PlatformError):
        return str({"name": error.code, "error_message": error.message})
    return str(error)


def functional(message):
    return PlatformError("FUNCTIONAL_ERROR", message)


def internal(message):
    return PlatformError("INTERNAL_SERVER_ERROR", message)


def auth_required():
    return PlatformError("AUTH_REQUIRED", "You must be logged in to do this.")


def forbidden():
    return PlatformError("FORBIDDEN_ACCESS", "You are not allowed to do this.")


def unsupported(message):
    return PlatformError("UNSUPPORTED_ERROR", message)


def formatted(release, error, path=None):
    """One member of `errors`: with extensions since 6.2.14, with name and data before."""
    details = {"http_status": error.status,
               "genre": "TECHNICAL" if error.status != 400 else "BUSINESS"}
    shape = {"message": error.message, "locations": [{"line": 1, "column": 1}]}
    if path:
        shape["path"] = path
    if release >= "6.2.14":
        shape["extensions"] = {"code": error.code, "data": details}
        shape["name"] = error.code
        return shape
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return {"message": error.message, "name": error.code, "time_thrown": now, "data": details,
            **{key: value for key, value in shape.items() if key != "message"}}
