/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heart: everything that a run decides, and nothing that it does. No
 * thread, clock, socket or file; no allocation but for parsing and writing a
 * state. The same facts in the same order give the same orders, so that a whole
 * world can be played around it (tests/sim).
 *
 *   while (!eii_core_is_over(core)) {
 *           while (eii_core_take_order(core, &order))
 *                   carry_out(drivers, &order);
 *           eii_core_tell(core, wait_for_fact(drivers, eii_core_wakes_at_ms(core)));
 *   }
 */
#ifndef EII_CORE_CORE_H
#define EII_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/core/fact.h"
#include "eii/core/order.h"
#include "eii/state/ring.h"

enum eii_core_mode { EII_CORE_STAY, EII_CORE_ONCE };
/* Whether the server is to announce mails; BY_NAME: that it cannot is said as a warning. */
enum eii_core_push { EII_CORE_PUSH_OFF, EII_CORE_PUSH_AUTO, EII_CORE_PUSH_BY_NAME };

/*
 * Where reports go. What is in a file is done with its file: no Work is opened for it, the
 * platform is not asked whether it has it, and each file has author and marking with it.
 */
enum eii_core_way { EII_CORE_TO_QUEUE, EII_CORE_TO_FILES };

/* Constant for the core's life; texts are borrowed. */
struct eii_core_config {
	enum eii_core_mode mode;
	/*
	 * "user@host/folder": its place in the state. Of several folders "user@host/": each
	 * has a place, and which there are is asked at the beginning of each run.
	 */
	const char *mailbox_key;
	bool has_folders;
	uint64_t budget_bytes;    /* of mail held at once */
	uint32_t budget_mails;    /* 1 to EII_CORE_LINE_MAILS */
	uint64_t max_mail_bytes;  /* of a larger one only the first bytes are asked for */
	uint32_t scan_bytes;      /* of these first bytes */
	uint32_t window_messages; /* unconfirmed at once */
	uint64_t window_bytes;
	int64_t period_s;
	int64_t start_period_s;
	double threshold_bytes; /* 0 = none */
	enum eii_ring_mode ring_mode;
	enum eii_core_push push; /* of no account in a single run */
	enum eii_core_way way;
	bool wants_draft; /* each Work has a draft, which its reports go to; of the queue alone */
	bool marking_is_given; /* the reports' marking is the platform's own: never sent */
	/* That reports may have beside the first of each, and that are sent: from index 1 on. */
	uint8_t n_more_authors, n_more_markings;
	uint64_t seed; /* of jitter and instance number: random in life, fixed in a world */
	int64_t now_ms, unix_s;
};

struct eii_core;

struct eii_core *eii_core_new(const struct eii_core_config *config);
void eii_core_free(struct eii_core *core);
EII_DEFINE_AUTO(eii_core);

void eii_core_tell(struct eii_core *core, const struct eii_fact *fact);

/* Orders wait inside until they are taken, oldest first; false: nothing to do now. */
bool eii_core_take_order(struct eii_core *core, struct eii_order *out);

/* When to call eii_core_tell() with EII_FACT_TIME at the latest. */
int64_t eii_core_wakes_at_ms(const struct eii_core *core);

/* OVER has been given: nothing is wanted any more. */
bool eii_core_is_over(const struct eii_core *core);

enum eii_phase {
	EII_PHASE_IDLE,
	EII_PHASE_LOOK,
	EII_PHASE_FLOW,
	EII_PHASE_CLOSE,
	EII_PHASE_STOP,
};

/* What health, metrics and a terminal show; numbers only. */
struct eii_core_view {
	enum eii_phase phase;
	bool is_registered, is_paused, is_over_threshold;
	bool needs_rights, has_twin, has_foreign;
	bool is_watching;     /* the server is asked to announce mails */
	uint64_t n_announced; /* runs that it has caused so */
	int64_t next_run_ms;  /* 0 = one is on */
	int64_t last_success_unix_s;
	int64_t oldest_waiting_unix_s;
	uint64_t n_found, n_settled, n_reports, n_fallbacks; /* of the run in hand or the last */
	uint64_t n_runs, n_failed_runs;
	uint64_t n_expunged, n_sent_again, n_lost_reports;
	uint64_t n_work_errors_mendable, n_work_errors_other;
	uint32_t cursor, uidnext, n_aside;
	uint32_t n_unaccounted_runs;
	uint32_t n_unconfirmed;
	uint64_t held_bytes; /* reserved for mails */
	uint32_t state_bytes;
	double queue_bytes;
	int64_t fault_since_ms[EII_PARTS]; /* 0 = none */
	bool waits_for_person[EII_PARTS];
	enum eii_failure_kind fault_kind[EII_PARTS]; /* of the last failure */
};

void eii_core_view(const struct eii_core *core, struct eii_core_view *out);

#endif
