/* SPDX-License-Identifier: Apache-2.0 */
#include "turns_scene.h"

#include <stdio.h>

int turns_set_up(void **state)
{
	static const struct eii_core_config config = {
		.mailbox_key = "u@h/",
		.has_folders = true,
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
	core->run.phase = EII_PHASE_LOOK;
	return 0;
}

void turns_list(const char *const *names, uint32_t n)
{
	struct eii_folder_name listed[EII_CORE_FOLDERS + 1];
	struct eii_fact fact = { .type = EII_FACT_MAILBOX_LISTED };

	for (uint32_t i = 0; i < n; i++)
		listed[i] = (struct eii_folder_name){ .name = names[i] + (names[i][0] == '+'),
						      .is_wanted = names[i][0] == '+' };
	fact.folders.names = listed;
	fact.folders.n = n;
	eii_turns_begin(core);
	eii_turns_listed(core, &fact);
}
struct eii_folder *turns_folder(const char *name)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "u@h/%s", name);
	return eii_folders_find(&core->folders, key);
}

void turns_know(const char *name, uint64_t uidvalidity, uint32_t cursor)
{
	struct eii_place_state s = { .uidvalidity = uidvalidity, .cursor = cursor };

	eii_place_adopt(&turns_folder(name)->place, &s);
}
