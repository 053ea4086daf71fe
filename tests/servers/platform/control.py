# SPDX-License-Identifier: Apache-2.0
"""The control API, on a port of its own: what tests do to the platform, and ask it.

POST {"do": name, ...arguments} -> {"result": ...} or {"error": text}. client.py speaks it.
"""
import json

from ..web import HttpServer, json_answer
from . import files


class Control:
    def __init__(self, platform, port=0):
        self.platform = platform
        self.http = HttpServer(self._answer, port, idle_s=60)

    def start(self):
        self.http.start()
        return self

    def stop(self):
        self.http.stop()

    def _answer(self, method, path, headers, body):
        try:
            request = json.loads(body)
            action = getattr(self, "do_" + request.pop("do"))
            return json_answer({"result": action(**request)})
        except Exception as error:  # told to the test, which fails with it
            return json_answer({"error": f"{type(error).__name__}: {error}"}, 500)

    # As an administrator

    def do_reset_connector(self, connector):
        self.platform.connectors.reset(connector)

    def do_delete_connector(self, connector):
        self.platform.delete_connector(connector)

    def do_set_lock_error(self, period_s):
        """How long after its deletion a connector cannot be registered."""
        self.platform.connectors.lock_error_s = period_s

    def do_set_state(self, connector, state):
        self.platform.connectors.set_state(connector, state)

    def do_echo(self, texts):
        """The next pings show these, as a search index that lags behind does."""
        self.platform.connectors.stale_echoes += texts

    def do_delete_works(self):
        for work_id in list(self.platform.works.by_id):
            self.platform.works.delete(work_id)

    def do_empty_redis(self):
        """Works lose their figures, and with them their lives."""
        self.platform.works.empty_redis()

    def do_run_manager(self):
        """A period of the connector manager is over: older Works close, old ones go."""
        self.platform.manager.run_once()

    def do_set_manager_period(self, period_s):
        """0: only when it is asked for."""
        self.platform.manager.set_period(period_s)

    def do_delete_push_queue(self, connector):
        """With what waits in it; the next ping makes it again."""
        self.platform.broker.delete_push(connector)

    def do_validate_draft(self, draft):
        self.platform.drafts.validate(draft)

    def do_delete_draft(self, draft):
        self.platform.drafts.delete(draft)

    def do_forget(self, stix_id):
        return self.platform.knowledge.forget(stix_id)

    def do_edit_report(self, standard_id, **changes):
        """As an analyst: `name`, `content`, `description`. Gives the standard id that it has
        then."""
        return self.platform.knowledge.edit_report(standard_id, **changes)

    def do_open_file(self, standard_id, name):
        """HTTP status and MIME type of what an analyst gets who opens it; name as it was sent."""
        name = files.stored_name(name)
        held = self.platform.knowledge.reports[standard_id]["files"]
        file = next(file for file in held.values() if file["name"] == name)
        return {"status": files.open_status(name), "mime_type": file["mime_type"]}

    def do_forget_reports(self):
        """An empty platform again, but for connectors, author and markings."""
        knowledge = self.platform.knowledge
        knowledge.reports.clear()
        knowledge.losses.clear()
        knowledge.imports = 0
        self.platform.worker.messages.clear()

    def do_add_token(self, token, rights):
        self.platform.users.add(token, rights)

    def do_set_user(self, **changes):
        """What is given changes: of `token` (the connector's, if not said) `rights` (names of
        capabilities), `markings` (definitions or ids; null: all), `name`, `max_confidence`."""
        self.platform.users.change(**changes)

    def do_revoke_token(self, token):
        self.platform.users.revoke(token)

    # Trouble

    def do_fail(self, **rule):
        self.platform.faults.add(**rule)

    def do_clear_faults(self):
        self.platform.faults.clear()

    def do_faults_left(self):
        return self.platform.faults.left()

    def do_cut_connections(self):
        self.platform.http.cut_all()

    def do_tell_queue_size(self, size):
        self.platform.told_queue_size = size

    def do_tell_broker(self, **members):
        self.platform.told_broker.update(members)

    def do_set_clock(self, offset_s):
        """So many seconds ahead of ours: the Date header and all that the platform writes."""
        self.platform.clock.offset_s = offset_s

    # Worker

    def do_worker(self, mode=None, delay_s=None):
        worker = self.platform.worker
        worker.mode = mode or worker.mode
        worker.delay_s = worker.delay_s if delay_s is None else delay_s

    def do_worker_busy(self):
        return self.platform.worker.busy

    # Questions

    def do_reports(self):
        return list(self.platform.knowledge.reports.values())

    def do_drafts(self):
        """Each with the names of the reports that it has for itself."""
        return [{"id": draft.id, "name": draft.name, "status": draft.status,
                 "reports": sorted(report["name"]
                                   for report in draft.knowledge.reports.maps[0].values())}
                for draft in self.platform.drafts.by_id.values()]

    def do_knowledge(self):
        knowledge = self.platform.knowledge
        return {"identities": knowledge.identities, "markings": knowledge.markings,
                "losses": knowledge.losses, "imports": knowledge.imports}

    def do_works(self):
        works = self.platform.works
        return {"alive": [works.as_json(work) for work in works.by_id.values()],
                "deleted": [works.as_json(work) for work in works.deleted.values()]}

    def do_connectors(self):
        return {key: {"state": connector.state, "input": connector.input, "info": connector.info,
                      "reset": connector.state_reset, "updated_at": connector.updated_at}
                for key, connector in self.platform.connectors.by_id.items()}

    def do_pings(self):
        return self.platform.connectors.pings

    def do_messages(self):
        return list(self.platform.worker.messages)

    def do_seen(self):
        api = self.platform.api
        return {"documents": dict(api.documents), "calls": dict(api.calls),
                "refused": api.refused, "headers": api.headers,
                "connections": self.platform.http.connections,
                "violations": self.platform.worker.violations}
