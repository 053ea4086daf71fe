/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's calls: one at a time, the most urgent first, and what each answer means. */
#include <string.h>

#include "wire.h"

/* ---- asking ------------------------------------------------------------ */

static bool may(struct eii_core *core, enum eii_order_type type)
{
	return eii_calls_may(&core->calls, &core->pulse, type);
}

static struct eii_order *begin(struct eii_core *core, enum eii_order_type type)
{
	return eii_calls_begin(&core->calls, &core->pulse, type);
}

static bool call_register(struct eii_core *core)
{
	if (!eii_registry_wants_register(&core->registry, &core->pulse) ||
	    !may(core, EII_ORDER_REGISTER))
		return false;
	core->registry.is_under_way = true;
	(void)begin(core, EII_ORDER_REGISTER);
	return true;
}

static bool call_store(struct eii_core *core)
{
	enum eii_store_call call = eii_store_due(&core->store, &core->pulse);
	enum eii_order_type type = call == EII_STORE_PING ? EII_ORDER_PING : EII_ORDER_READ_STATE;
	struct eii_order *order;
	const char *text;

	if (call == EII_STORE_NOTHING || !may(core, type))
		return false;
	if (call == EII_STORE_PING)
		eii_course_put_state(core);
	text = eii_store_begin(&core->store, &core->pulse, call);
	order = begin(core, type);
	if (call == EII_STORE_READ)
		return true;
	order->ping.state = text;
	order->ping.is_buffering = core->schedule.is_over;
	order->ping.last_run_unix_s = core->schedule.last_run_unix_s;
	order->ping.next_run_unix_s = core->schedule.next_run_unix_s;
	order->ping.queue_bytes = core->schedule.queue_bytes;
	return true;
}

static enum eii_work_use work_use(const struct eii_core *core)
{
	bool is_used = eii_run_is_flowing(&core->run) || core->run.phase == EII_PHASE_CLOSE ||
		       core->link.state != EII_LINK_DOWN;

	return is_used ? EII_WORK_IN_USE : EII_WORK_AT_REST;
}

static bool call_work(struct eii_core *core)
{
	struct eii_work *work = &core->work;
	enum eii_work_call call;
	struct eii_order *order;

	if (!core->registry.is_live)
		return false;
	call = eii_work_due(work, &core->pulse, work_use(core));
	/* While it is looked whether there are mails, one that is found would be closed for
	 * nothing. */
	if (call == EII_WORK_FIND && core->run.phase == EII_PHASE_LOOK && !core->run.has_started)
		return false;
	if (call == EII_WORK_NOTHING || !may(core, eii_work_order_of(call)))
		return false;
	eii_work_begin(work, &core->pulse, call);
	order = begin(core, eii_work_order_of(call));
	if (call == EII_WORK_SIZE)
		return true;
	order->work.id = core->store.ledger.work_id;
	order->work.n = work->telling;
	order->work.wants_draft =
		core->pulse.config.wants_draft && work->is_wanted && !work->kept_draft[0];
	order->work.reason = work->reason;
	order->work.is_left = core->store.ledger.work_is_left;
	order->work.n_found = work->n_found;
	order->work.n_reports = work->n_reports;
	order->work.n_fallbacks = work->n_fallbacks;
	return true;
}

static bool call_known(struct eii_core *core)
{
	struct eii_link *link = &core->link;

	if (link->state != EII_LINK_MARKING || link->is_asking ||
	    !eii_pulse_is_due(&core->pulse, link->ask_ms) ||
	    !eii_attempt_is_due(&link->ask, &core->pulse) || !may(core, EII_ORDER_KNOWN))
		return false;
	link->is_asking = true;
	link->ask_ms = core->pulse.now_ms + link->ask_wait_ms;
	if (link->ask_wait_ms < EII_LINK_ASK_LAST_MS)
		link->ask_wait_ms *= 2;
	begin(core, EII_ORDER_KNOWN)->draft_id = eii_core_draft(core);
	return true;
}

/* Whether more mails may soon join a question. */
static bool are_more_coming(const struct eii_core *core)
{
	const struct eii_line *line = &core->line;

	return eii_line_n(line, EII_STAGE_ASKING) < EII_CORE_FIND_IDS &&
	       (eii_line_n(line, EII_STAGE_CONVERTING) || eii_line_n(line, EII_STAGE_CONVERTED) ||
		eii_line_n(line, EII_STAGE_MAKING) || eii_line_n(line, EII_STAGE_RAW) ||
		eii_line_n(line, EII_STAGE_FETCHING));
}

/* A text may be long: who asks for one asks for one alone. True where it is so. */
static bool choose_slots(struct eii_line *line)
{
	int slot = eii_line_first(line, EII_STAGE_ASKING);

	line->n_slots = 0;
	if (line->entries[slot].is_repair) {
		line->slots[line->n_slots++] = (uint16_t)slot;
		return true;
	}
	for (; slot >= 0 && line->n_slots < EII_CORE_FIND_IDS; slot = line->entries[slot].next) {
		if (!line->entries[slot].is_repair)
			line->slots[line->n_slots++] = (uint16_t)slot;
	}
	return false;
}

static bool call_find(struct eii_core *core)
{
	struct eii_line *line = &core->line;
	bool must_have_text;
	struct eii_order *order;

	if (eii_line_first(line, EII_STAGE_ASKING) < 0 || line->ask_order ||
	    core->run.reason != EII_EVENT_NONE || eii_pulse_is_stopping(&core->pulse))
		return false;
	if (are_more_coming(core) &&
	    !eii_pulse_is_due(&core->pulse, core->ask_since_ms + EII_ASK_WAIT_MS))
		return false;
	if (!eii_attempt_is_due(&core->find, &core->pulse) || !may(core, EII_ORDER_FIND_REPORTS))
		return false;
	must_have_text = choose_slots(line);
	order = begin(core, EII_ORDER_FIND_REPORTS);
	order->draft_id = eii_core_draft(core);
	order->find_reports.must_have_text = must_have_text;
	order->find_reports.slots = line->slots;
	order->find_reports.n = line->n_slots;
	line->ask_order = order->number;
	return true;
}

static bool call_size(struct eii_core *core)
{
	if (!core->registry.is_live ||
	    !eii_schedule_wants_size(&core->schedule, &core->pulse,
				     eii_run_is_flowing(&core->run) ? EII_PHASE_FLOW
								    : core->run.phase) ||
	    !may(core, EII_ORDER_QUEUE_SIZE))
		return false;
	core->schedule.is_asking = true;
	(void)begin(core, EII_ORDER_QUEUE_SIZE);
	return true;
}

static bool call_rights(struct eii_core *core)
{
	if (!eii_registry_wants_rights(&core->registry, &core->pulse) ||
	    !may(core, EII_ORDER_RIGHTS))
		return false;
	core->registry.is_asking = true;
	(void)begin(core, EII_ORDER_RIGHTS);
	return true;
}

/* A stop has no time for a call that hangs. */
static void tend_cut(struct eii_core *core)
{
	struct eii_calls *calls = &core->calls;
	struct eii_order *order;
	int64_t since_ms = calls->began_ms;

	if (!eii_pulse_is_stopping(&core->pulse) || calls->doing == EII_ORDER_NONE || calls->is_cut)
		return;
	if (since_ms < core->pulse.stop_ms)
		since_ms = core->pulse.stop_ms;
	if (!eii_pulse_is_due(&core->pulse, since_ms + EII_STOP_CUT_MS))
		return;
	calls->is_cut = true;
	order = eii_pulse_order(&core->pulse, EII_ORDER_CUT, EII_PULSE_NEVER);
	order->cut.part = EII_PART_PLATFORM;
}

/* The state has had its time: pings that hang leave no Work open. */
static bool is_work_s_turn(const struct eii_core *core)
{
	return eii_store_has_hung(&core->store, &core->pulse) && core->work.attempt.n < 2;
}

void eii_bureau_tend(struct eii_core *core)
{
	tend_cut(core);
	if (core->calls.doing != EII_ORDER_NONE)
		return;
	eii_calls_anew(&core->calls);
	if (call_register(core) || (is_work_s_turn(core) && call_work(core)) || call_store(core) ||
	    call_work(core) || call_known(core) || call_find(core) || call_size(core))
		return;
	(void)call_rights(core);
}

/* ---- answers ----------------------------------------------------------- */

static void heed_news(struct eii_core *core, enum eii_store_news news)
{
	switch (news) {
	case EII_STORE_FINE:
	case EII_STORE_UNREADABLE:
		break;
	case EII_STORE_RESET:
		eii_course_forget(core, EII_EVENT_RESET);
		break;
	case EII_STORE_DELETED:
		eii_registry_lost(&core->registry);
		eii_course_forget(core, EII_EVENT_DELETED);
		break;
	}
}

static void heed_state(struct eii_core *core, const struct eii_fact *fact)
{
	enum eii_store_news news = EII_STORE_DELETED;

	if (!fact->yes)
		news = eii_store_heard(&core->store, &core->pulse, fact->text,
				       core->pulse.config.mailbox_key);
	else
		eii_store_gone(&core->store);
	heed_news(core, news);
}

static void heed_registered(struct eii_core *core, const struct eii_fact *fact)
{
	bool was_live = core->registry.was_live;

	eii_registry_registered(&core->registry, &core->pulse, fact);
	if (fact->registered.is_broker_new)
		eii_attempt_hurry(&core->link.dial);
	if (was_live)
		return;
	eii_course_adopt(core, fact);
}

static void heed_known(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_link *link = &core->link;

	link->is_asking = false;
	link->knows_author = link->knows_author || fact->known.has_author;
	link->knows_marking = link->knows_marking || fact->known.has_marking;
	eii_registry_heard_rights(&core->registry, &core->pulse, &fact->known.rights);
	eii_pulse_move(&core->pulse);
}

static void heed_reports(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_line *line = &core->line;

	if (!line->ask_order || fact->order != line->ask_order)
		return;
	line->ask_order = 0;
	core->ask_since_ms = core->pulse.now_ms;
	eii_attempt_worked(&core->find);
	if (!fact->reports.is_known && !core->has_told_cannot_ask) {
		core->has_told_cannot_ask = true;
		eii_pulse_say(&core->pulse, EII_EVENT_CANNOT_ASK, 0, 0);
	}
	for (uint16_t i = 0; i < line->n_slots; i++) {
		bool is_there =
			fact->reports.is_known && i < fact->reports.n && fact->reports.is_there[i];

		if (line->entries[line->slots[i]].stage != EII_STAGE_ASKING)
			continue;
		eii_place_heard(core->place, is_there ? EII_PRESENCE_THERE : EII_PRESENCE_ABSENT);
		if (is_there) {
			eii_outlet_there(core, line->slots[i]);
			continue;
		}
		if (!fact->reports.is_known &&
		    eii_numbering_is_doubtful(core, &line->entries[line->slots[i]])) {
			eii_outlet_forgo_header(core, line->slots[i]);
			continue;
		}
		line->entries[line->slots[i]].was_absent = fact->reports.is_known;
		eii_line_move(line, line->slots[i], EII_STAGE_READY);
	}
	eii_pulse_move(&core->pulse);
}

static void heed_work_seen(struct eii_core *core, const struct eii_fact *fact)
{
	int64_t moved_s = core->store.ledger.work_moved_s;
	enum eii_work_verdict verdict;

	core->n_mendable += fact->work.errors.n_mendable > core->work.n_mendable
				    ? fact->work.errors.n_mendable - core->work.n_mendable
				    : 0;
	core->n_other += fact->work.errors.n_other > core->work.n_other
				 ? fact->work.errors.n_other - core->work.n_other
				 : 0;
	if (core->run.is_ended) {
		core->run.n_unmoved = fact->work.processed == core->run.seen_processed
					      ? core->run.n_unmoved + 1
					      : 0;
		core->run.seen_processed = fact->work.processed;
	}
	verdict = eii_work_seen(&core->work, &core->pulse, fact);
	if (core->store.ledger.work_moved_s != moved_s)
		eii_core_touch(core);
	eii_course_judged(core, verdict);
}

static void heed_size(struct eii_core *core, const struct eii_fact *fact)
{
	if (core->work.under_way == EII_WORK_SIZE) {
		eii_course_judged(core, eii_work_sized(&core->work, &core->pulse, fact));
		return;
	}
	eii_schedule_sized(&core->schedule, &core->pulse, fact);
}

static void heed_work_closed(struct eii_core *core)
{
	eii_work_closed(&core->work, &core->pulse);
	eii_core_touch(core);
	eii_store_hurry(&core->store);
	/* Closed with nothing under it the platform counts one: it is of no further use. */
	if (!core->store.ledger.work_sent && core->store.ledger.work_is_closed &&
	    !core->run.has_work)
		eii_course_accounted(core);
}

/* ---- failures ---------------------------------------------------------- */

/* The attempt that the failed call belongs to, with what it was doing taken back. */
static struct eii_attempt *blame(struct eii_core *core, enum eii_order_type type,
				 const struct eii_failure *failure)
{
	switch ((int)type) {
	case EII_ORDER_REGISTER:
		core->registry.is_under_way = false;
		eii_attempt_failed(&core->registry.attempt, &core->pulse, failure);
		return &core->registry.attempt;
	case EII_ORDER_PING:
	case EII_ORDER_READ_STATE:
		eii_store_failed(&core->store, &core->pulse, failure);
		return &core->store.attempt;
	case EII_ORDER_KNOWN:
		core->link.is_asking = false;
		eii_attempt_failed(&core->link.ask, &core->pulse, failure);
		return &core->link.ask;
	case EII_ORDER_FIND_REPORTS:
		core->line.ask_order = 0;
		eii_attempt_failed(&core->find, &core->pulse, failure);
		return &core->find;
	case EII_ORDER_RIGHTS:
		core->registry.is_asking = false;
		eii_attempt_failed(&core->registry.ask, &core->pulse, failure);
		return &core->registry.ask;
	case EII_ORDER_QUEUE_SIZE:
		if (core->work.under_way != EII_WORK_SIZE) {
			eii_schedule_size_failed(&core->schedule, &core->pulse, failure);
			return &core->schedule.size;
		}
		break;
	default:
		break;
	}
	eii_work_failed(&core->work, &core->pulse, failure);
	return &core->work.attempt;
}

static void heed_failed(struct eii_core *core, enum eii_order_type type,
			const struct eii_fact *fact)
{
	const struct eii_failure *failure = &fact->failure;
	struct eii_attempt *attempt = blame(core, type, failure);
	bool is_final = failure->kind == EII_FAILURE_RIGHTS || failure->kind == EII_FAILURE_INPUT;
	enum eii_over_code code;

	if (eii_course_lost_draft(core, type, failure)) {
		eii_attempt_worked(attempt);
		return;
	}
	/* A platform that cannot be asked is no fault: the broker's confirm counts then. */
	if (type == EII_ORDER_WORK_LOOK && is_final) {
		core->work.can_say = false;
		core->work.must_look = false;
		eii_attempt_worked(attempt);
		return;
	}
	eii_part_failed(core, attempt, failure);
	if (failure->kind != EII_FAILURE_CUT && eii_attempt_gives_up(attempt, &core->pulse, &code))
		eii_course_give_up(core, code);
}

/* ---- facts ------------------------------------------------------------- */

static void heed_date(struct eii_core *core, const struct eii_fact *fact)
{
	if (!fact->server_unix_s)
		return;
	core->server_unix_s = fact->server_unix_s;
	core->server_ms = fact->now_ms;
	eii_part_set_clock(core, fact);
}

static void heed_answer(struct eii_core *core, const struct eii_fact *fact)
{
	switch ((int)fact->type) {
	case EII_FACT_REGISTERED:
		heed_registered(core, fact);
		break;
	case EII_FACT_PONG:
	case EII_FACT_STATE:
		heed_state(core, fact);
		break;
	case EII_FACT_QUEUE_SIZE:
		heed_size(core, fact);
		break;
	case EII_FACT_WORK_FOUND:
		if (!fact->text)
			eii_calls_spare(&core->calls, 1); /* none to ask for */
		eii_work_searched(&core->work, &core->pulse, fact->text);
		eii_course_work_opened(core, fact->draft_id);
		break;
	case EII_FACT_WORK_ADDED:
		eii_work_opened(&core->work, &core->pulse, fact->text ? fact->text : "");
		eii_course_work_opened(core, fact->draft_id);
		break;
	case EII_FACT_WORK_TOLD:
		eii_work_told(&core->work, &core->pulse);
		eii_core_touch(core);
		break;
	case EII_FACT_WORK_CLOSED:
		heed_work_closed(core);
		break;
	case EII_FACT_WORK_SEEN:
		heed_work_seen(core, fact);
		break;
	case EII_FACT_RIGHTS:
		core->must_ask_rights = false;
		eii_registry_heard_rights(&core->registry, &core->pulse, &fact->rights);
		break;
	case EII_FACT_KNOWN:
		heed_known(core, fact);
		break;
	case EII_FACT_REPORTS:
		heed_reports(core, fact);
		break;
	default:
		break;
	}
}

void eii_bureau_heed(struct eii_core *core, const struct eii_fact *fact)
{
	enum eii_order_type type = core->calls.doing;

	if (!eii_calls_end(&core->calls, fact->order))
		return;
	eii_pulse_move(&core->pulse);
	heed_date(core, fact);
	if (fact->type == EII_FACT_PLATFORM_FAILED) {
		heed_failed(core, type, fact);
		return;
	}
	heed_answer(core, fact);
	eii_part_worked(core, EII_PART_PLATFORM);
}
