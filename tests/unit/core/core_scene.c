/* SPDX-License-Identifier: Apache-2.0 */
#include "core_scene.h"

struct eii_core *core;

int core_set_up(void **state)
{
	static const struct eii_core_config config = {
		.mailbox_key = "u@h/INBOX",
		.budget_bytes = 1 << 20,
		.budget_mails = 100,
		.max_mail_bytes = 1 << 20,
		.scan_bytes = 1024,
		.window_messages = 16,
		.window_bytes = 1 << 20,
		.period_s = PERIOD_S,
		.start_period_s = PERIOD_S,
		.now_ms = START_MS,
		.unix_s = START_UNIX_S,
	};

	(void)state;
	core = eii_core_new(&config);
	core->pulse.wakes_ms = EII_PULSE_NEVER;
	return 0;
}

int core_tear_down(void **state)
{
	(void)state;
	eii_core_free(core);
	core = NULL;
	return 0;
}

void tell(enum eii_fact_type type, int64_t now_ms)
{
	const struct eii_fact fact = { .type = type, .now_ms = now_ms, .unix_s = START_UNIX_S };

	eii_core_tell(core, &fact);
}

bool take_order(enum eii_order_type type, struct eii_order *out)
{
	while (eii_core_take_order(core, out)) {
		if (out->type == type)
			return true;
	}
	return false;
}

bool take_event(enum eii_event_type type, struct eii_event *out)
{
	struct eii_order order;

	while (take_order(EII_ORDER_TELL, &order)) {
		*out = order.tell;
		if (order.tell.type == type)
			return true;
	}
	return false;
}

struct eii_entry *take_mail(enum eii_stage stage)
{
	uint16_t slot = eii_line_take(&core->line, 7, 1000);

	eii_line_move(&core->line, slot, stage);
	return eii_line_at(&core->line, slot);
}
