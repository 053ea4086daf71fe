/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/core_config.h"

#include <sys/random.h>
#include <unistd.h>

#include "eii/app/parts.h"
#include "eii/base/clock.h"
#include "eii/base/folder_choice.h"
#include "eii/fields/limits.h"

/* Mail bytes in the process at once: what keeps a SOC's pod at a few MiB. */
#define BUDGET_BYTES    (8u * 1024 * 1024)
#define BUDGET_MAILS    1000
#define WINDOW_MESSAGES 512
#define WINDOW_BYTES    (32u * 1024 * 1024)
#define WINDOW_FILES    32 /* where one cannot be written, so many are converted again */

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	/* Without the kernel's, two processes still differ by their start. */
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)eii_clock_unix_us() ^ ((uint64_t)getpid() << 40);
	return seed;
}

static enum eii_core_push push_of(const struct eii_config *config)
{
	switch (config->mail.push) {
	case EII_CONFIG_PUSH_ON:
		return EII_CORE_PUSH_BY_NAME;
	case EII_CONFIG_PUSH_OFF:
		return EII_CORE_PUSH_OFF;
	case EII_CONFIG_PUSH_AUTO:
	default:
		return EII_CORE_PUSH_AUTO;
	}
}

static uint32_t window_of(const struct eii_config_connector *connector)
{
	if (!connector->send_to_queue)
		return WINDOW_FILES;
	/* The platform takes them one by one: what waits for its call is not out yet. */
	return connector->protocol == EII_CONFIG_PROTOCOL_API ? 1 : WINDOW_MESSAGES;
}

_Static_assert(EII_RULES_MAX <= UINT8_MAX, "each rule may have an author of its own");

/* TLP levels beside the default one, which stand before other markings. */
static uint8_t n_levels(const struct eii_report_settings *report)
{
	uint8_t n = 0;

	while (n < report->n_markings && report->markings[n].tlp != EII_TLP_NONE)
		n++;
	return n;
}

struct eii_core_config eii_core_config_of(const struct eii_config *config, enum eii_core_mode mode,
					  const char *mailbox_key,
					  const struct eii_report_settings *report)
{
	const struct eii_config_connector *connector = &config->connector;

	return (struct eii_core_config){
		.mode = mode,
		.mailbox_key = mailbox_key,
		.has_folders = !eii_folder_choice_is_name(config->mail.mailbox),
		.budget_bytes = BUDGET_BYTES,
		.budget_mails = BUDGET_MAILS,
		.max_mail_bytes = config->mail.max_mail_bytes,
		.scan_bytes = EII_LIMIT_SCAN_BYTES,
		.window_messages = window_of(connector),
		.window_bytes = WINDOW_BYTES,
		.period_s = connector->period_s,
		.start_period_s = config->mail.start_period_s,
		.threshold_bytes = connector->queue_threshold_mb * 1e6,
		.push = push_of(config),
		.wants_draft = connector->validate && connector->send_to_queue,
		.way = connector->send_to_queue ? EII_CORE_TO_QUEUE : EII_CORE_TO_FILES,
		.ring_mode = eii_parts_ring_mode(config),
		.marking_is_given = report->marking.tlp == EII_TLP_NONE,
		.n_more_authors = (uint8_t)report->n_authors,
		.n_more_markings = n_levels(report),
		.seed = random_seed(),
	};
}
