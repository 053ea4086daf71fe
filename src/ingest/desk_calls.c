/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_private.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

static void adopt_state(struct eii_desk *desk, const char *stored)
{
	eii_state_free(desk->state);
	desk->state = eii_state_parse(stored);
	desk->has_shown_state = !eii_state_text_is_empty(stored);
	desk->is_echo_lost = false;
}

/*
 * The first ping eats the one-time echo of a reset that the registration has
 * shown already. Where it fails all is asked again: nothing is stored until then.
 */
static enum eii_rc register_anew(struct eii_desk *desk, struct eii_error *err)
{
	struct eii_platform_port *platform = desk->options.platform;
	EII_AUTO_STR stored = NULL;
	enum eii_rc rc = platform->do_register(platform, &stored, &desk->traits, err);

	if (rc)
		return rc;
	adopt_state(desk, stored);
	desk->is_registered = true;
	EII_LOG_PLAINLY(INFO, "platform.registered", "Connector registered");
	desk->next_ping_ms = eii_clock_monotonic_ms() + EII_DESK_PING_MS;
	rc = eii_desk_ping(desk, err);
	if (rc) {
		desk->is_registered = false;
		return rc;
	}
	if (!desk->is_registered)
		return eii_fail(err, EII_RETRY, "the connector was deleted while it registered");
	return EII_OK;
}

static enum eii_rc do_register(struct eii_desk *desk, struct eii_desk_call *call)
{
	enum eii_rc rc = EII_OK;

	if (!desk->is_registered)
		rc = register_anew(desk, &call->error);
	if (rc)
		return rc;
	call->traits = desk->traits;
	call->mailbox = eii_state_get_mailbox(desk->state, desk->options.mailbox_key);
	/* A folder of another number: a window is searched, and the ring still knows the ids. */
	if (call->mailbox && eii_state_is_overtaken(desk->state))
		call->mailbox->uidvalidity = 0;
	/*
	 * The instant is of the mailbox that was read last: one that is new to this
	 * connector begins with a window of its own.
	 */
	if (call->mailbox || !eii_state_has_mailboxes(desk->state))
		call->ingestion_s = eii_state_last_ingestion(desk->state);
	call->generation = eii_desk_generation(desk);
	return EII_OK;
}

static enum eii_rc do_save(struct eii_desk *desk, struct eii_desk_call *call)
{
	enum eii_rc rc;

	if (call->generation != eii_desk_generation(desk))
		return eii_fail(&call->error, EII_REJECT, "the state was reset");
	if (call->mailbox)
		eii_desk_put_place(desk, call->mailbox);
	if (call->settled_all)
		eii_state_set_last_ingestion(desk->state, call->ingestion_s);
	desk->next_ping_ms = eii_clock_monotonic_ms() + EII_DESK_PING_MS;
	desk->next_save_ms = eii_clock_monotonic_ms() + EII_DESK_SAVE_MS;
	rc = eii_desk_ping(desk, &call->error);
	if (!rc && call->generation != eii_desk_generation(desk))
		return eii_fail(&call->error, EII_REJECT, "the state was reset");
	return rc;
}

static enum eii_rc do_work_call(struct eii_platform_port *platform, struct eii_desk_call *call)
{
	switch (call->kind) {
	case EII_DESK_WORK_OPEN:
		return platform->work_open(platform, call->text, &call->work_id, &call->error);
	case EII_DESK_WORK_EXPECT:
		return platform->work_expect(platform, call->work_id, call->n, &call->error);
	case EII_DESK_WORK_REPORT:
		return platform->work_report(platform, call->work_id, call->text, &call->error);
	case EII_DESK_WORK_CLOSE:
		return platform->work_close(platform, call->work_id, call->text,
					    call->in_error ? EII_WORK_BAD : EII_WORK_GOOD,
					    &call->error);
	case EII_DESK_WORK_ALIVE:
		return platform->work_alive(platform, call->work_id, &call->yes, &call->error);
	case EII_DESK_HAS_IDENTITY:
		return platform->has_identity(platform, call->text, &call->yes, &call->error);
	case EII_DESK_HAS_MARKING:
		return platform->has_marking(platform, call->text, &call->yes, &call->error);
	case EII_DESK_QUEUE_SIZE:
		return platform->queue_size(platform, &call->bytes, &call->error);
	case EII_DESK_REGISTER:
	case EII_DESK_SAVE:
		break;
	}
	abort();
}

void eii_desk_answer(struct eii_desk *desk, struct eii_desk_call *call)
{
	switch (call->kind) {
	case EII_DESK_REGISTER:
		call->rc = do_register(desk, call);
		return;
	case EII_DESK_SAVE:
		call->rc = do_save(desk, call);
		return;
	case EII_DESK_QUEUE_SIZE:
	case EII_DESK_WORK_OPEN:
	case EII_DESK_WORK_EXPECT:
	case EII_DESK_WORK_REPORT:
	case EII_DESK_WORK_CLOSE:
	case EII_DESK_WORK_ALIVE:
	case EII_DESK_HAS_IDENTITY:
	case EII_DESK_HAS_MARKING:
		call->rc = do_work_call(desk->options.platform, call);
		return;
	}
	abort();
}
