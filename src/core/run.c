/* SPDX-License-Identifier: Apache-2.0 */
/* The phases of a run, and the end of it all. */
#include "run_private.h"

/* Refusals that come back so often although no right is missing are let go. */
#define REFUSED_MAX 8

/* ---- the beginning ----------------------------------------------------- */

static bool may_begin(struct eii_core *core)
{
	if (eii_pulse_is_stopping(&core->pulse) || core->run.is_ended || !core->registry.is_live ||
	    core->registry.missing || !core->store.is_live)
		return false;
	/* What a right has mended since comes first. */
	if (core->must_ask_rights && core->registry.ask.n == 0)
		return false;
	return eii_schedule_may_begin(&core->schedule, &core->pulse);
}

static void begin(struct eii_core *core)
{
	struct eii_run *run = &core->run;

	run->phase = EII_PHASE_LOOK;
	run->reason = EII_EVENT_NONE;
	run->has_started = false;
	run->is_start_put = false;
	run->is_ready = false;
	run->is_work_wanted = false;
	run->has_work = false;
	run->careful = (struct eii_careful){ 0 };
	run->started_ms = core->pulse.now_ms;
	run->started_unix_s = core->pulse.unix_s;
	run->progress_ms = core->pulse.now_ms + EII_RUN_PROGRESS_MS;
	run->n_found = 0;
	run->n_settled = 0;
	run->n_reports = 0;
	run->n_fallbacks = 0;
	run->n_runs++;
	core->schedule.due_ms = EII_PULSE_NEVER;
	core->watch.is_allowed = false;
	eii_turns_begin(core);
	eii_pulse_move(&core->pulse);
}

static bool is_aside_due(struct eii_core *core)
{
	int64_t next_s;

	return eii_place_aside_due(core->place, core->pulse.unix_s, &next_s) != NULL;
}

/* Counts this start, so that a mail that ends the process is found out. */
static void put_start(struct eii_core *core)
{
	struct eii_place_state *s = &core->place->s;
	struct eii_run *run = &core->run;

	run->is_start_put = true;
	s->n_starts++;
	eii_careful_begin(&run->careful, s);
	eii_core_touch(core);
	eii_store_hurry(&core->store);
	if (!run->has_started)
		eii_pulse_say(&core->pulse, EII_EVENT_RUN_STARTED, core->reader.survey->n_found,
			      s->cursor);
	run->has_started = true;
	eii_pulse_move(&core->pulse);
}

/* Not before there is a report: the mails may all be withheld. */
static void want_work(struct eii_core *core)
{
	core->run.is_work_wanted = true;
	core->work.is_wanted = !eii_core_writes_files(core);
	eii_pulse_move(&core->pulse);
	/* One that is left has had its end: the next one gets a point of its own. */
	if (!core->work.is_wanted || !eii_course_may_go_on(core))
		return;
	/* A Work that goes on may have lost its point with an older numbering. */
	eii_course_mark_back(core);
	core->store.ledger.work_is_closed = false; /* as a kill would find it */
	eii_core_touch(core);
	eii_store_hurry(&core->store);
}

/* ---- the end ----------------------------------------------------------- */

static void end_single(struct eii_core *core)
{
	if (core->pulse.config.mode != EII_CORE_ONCE || core->run.is_ended)
		return;
	core->run.is_ended = true;
	core->run.ended_ms = core->pulse.now_ms;
}

static void say_end(struct eii_core *core, enum eii_event_type type)
{
	const struct eii_run *run = &core->run;
	struct eii_event event = { .type = type,
				   .reason = run->reason,
				   .a = run->n_found,
				   .b = run->n_reports,
				   .c = run->n_fallbacks,
				   .d = (uint64_t)(core->pulse.now_ms - run->started_ms),
				   .words = "" };

	eii_pulse_say_event(&core->pulse, &event);
}

static void succeed(struct eii_core *core)
{
	struct eii_run *run = &core->run;

	eii_turns_succeed(core);
	eii_store_put_ingestion(&core->store, run->started_unix_s);
	eii_attempt_worked(&core->schedule.run);
	run->last_success_unix_s = core->pulse.unix_s;
	if (run->has_started)
		say_end(core, EII_EVENT_RUN_DONE);
	else
		eii_pulse_say(&core->pulse, EII_EVENT_NOTHING_NEW, 0, core->place->s.cursor);
	eii_schedule_after_period(&core->schedule, &core->pulse);
	if (eii_watch_allow(&core->watch, &core->pulse, run->n_settled) &&
	    core->pulse.config.period_s * 1000 > EII_SURVEY_REAL_MS)
		eii_schedule_in(&core->schedule, &core->pulse, EII_SURVEY_REAL_MS);
	end_single(core);
}

static void fail(struct eii_core *core)
{
	static const struct eii_failure failure = { .kind = EII_FAILURE_PASSING };
	enum eii_event_type reason = core->run.reason;

	say_end(core, EII_EVENT_RUN_BROKEN);
	core->run.n_failed++;
	if (reason == EII_EVENT_PAUSED_OUT) {
		eii_schedule_after_period(&core->schedule, &core->pulse);
		end_single(core);
		return;
	}
	if (core->run.code != EII_OVER_OK) {
		end_single(core);
		return;
	}
	eii_attempt_failed(&core->schedule.run, &core->pulse, &failure);
	eii_schedule_in(&core->schedule, &core->pulse,
			core->schedule.run.due_ms - core->pulse.now_ms);
}

/* Nothing is under way any more: what is not settled stays for the next run. */
static void finish(struct eii_core *core)
{
	struct eii_run *run = &core->run;
	bool is_whole = run->reason == EII_EVENT_NONE && !run->must_forget;

	eii_outlet_drop_all(core);
	EII_INVARIANT(eii_line_count(&core->line) == 0);
	eii_reader_forget(&core->reader);
	core->reader.survey->step = EII_SURVEY_IDLE;
	run->phase = EII_PHASE_IDLE;
	run->is_ready = false;
	run->has_work = false;
	run->careful = (struct eii_careful){ 0 };
	core->work.is_wanted = false;
	core->work.reason = run->reason;
	core->work.n_found = run->n_found;
	core->work.n_reports = run->n_reports;
	core->work.n_fallbacks = run->n_fallbacks;
	core->schedule.last_run_unix_s = run->started_unix_s;
	/* A run that was broken off while it looked had none in hand, and shows nothing. */
	if (run->is_start_put)
		eii_turns_clear_starts(core);
	if (!is_whole)
		eii_turns_relist(core);
	if (is_whole)
		succeed(core);
	else if (!eii_pulse_is_stopping(&core->pulse))
		fail(core);
	if (core->back != EII_EVENT_NONE)
		eii_course_return(core);
	if (run->must_forget)
		eii_course_forget_place(core);
	eii_turns_rest(core);
	run->has_started = false;
	run->reason = EII_EVENT_NONE;
	if (run->must_wake && !run->is_ended)
		eii_schedule_now(&core->schedule, &core->pulse);
	run->must_wake = false;
	eii_core_touch(core);
	eii_store_hurry(&core->store);
	eii_pulse_move(&core->pulse);
}

/* ---- phases ------------------------------------------------------------ */

/* A closed Work of which nobody can say more, now or since an earlier life: the confirms count. */
static void tend_unsayable(struct eii_core *core)
{
	const struct eii_ledger *ledger = &core->store.ledger;

	if (!core->registry.is_live || core->work.can_say || !eii_work_is_open(&core->work) ||
	    !ledger->work_is_closed || ledger->work_is_left)
		return;
	if (!core->has_told_cannot_say)
		eii_pulse_say(&core->pulse, EII_EVENT_CANNOT_ACCOUNT, 0, 0);
	core->has_told_cannot_say = true;
	eii_course_judged(core, EII_VERDICT_CANNOT_SAY);
}

/* A single run does not wait for a person: what is kept back is a later one's. */
static void tend_missing_rights(struct eii_core *core)
{
	if (!core->registry.missing || core->pulse.config.mode != EII_CORE_ONCE)
		return;
	if (core->run.code == EII_OVER_OK)
		core->run.code = EII_OVER_CREDENTIALS;
	end_single(core);
}

static void tend_idle(struct eii_core *core)
{
	if (core->run.must_forget)
		eii_course_forget_place(core);
	tend_unsayable(core);
	tend_missing_rights(core);
	if (core->has_refused && !core->must_ask_rights && core->registry.is_live &&
	    !core->registry.missing) {
		if (!core->registry.are_rights_known || core->schedule.n_back >= REFUSED_MAX) {
			core->has_refused = false;
			eii_course_let_go(core);
		} else {
			eii_course_go_back(core, EII_EVENT_RIGHTS_THERE);
		}
		return;
	}
	if (may_begin(core)) {
		begin(core);
	} else if (core->registry.is_live &&
		   eii_pulse_is_due(&core->pulse, core->schedule.due_ms) &&
		   eii_schedule_is_paused_out(&core->schedule, &core->pulse)) {
		eii_pulse_say(&core->pulse, EII_EVENT_PAUSED_OUT, 0, 0);
		eii_schedule_after_period(&core->schedule, &core->pulse);
		end_single(core);
	}
}

static void end_turn(struct eii_core *core)
{
	if (!eii_turns_pass(core))
		core->run.phase = EII_PHASE_CLOSE;
	eii_pulse_move(&core->pulse);
}

static void tend_look(struct eii_core *core)
{
	const struct eii_survey *survey = core->reader.survey;

	if (core->registry.missing) {
		eii_course_break(core, EII_EVENT_RIGHTS_MISSING);
		return;
	}
	if (eii_reader_has_work(&core->reader) ||
	    (survey->step == EII_SURVEY_DONE && is_aside_due(core))) {
		core->run.phase = EII_PHASE_FLOW;
		eii_pulse_move(&core->pulse);
	} else if (survey->step == EII_SURVEY_DONE && core->reader.doing == EII_ORDER_NONE) {
		end_turn(core);
	}
}

static void tend_progress(struct eii_core *core)
{
	if (!eii_pulse_is_due(&core->pulse, core->run.progress_ms))
		return;
	core->run.progress_ms = core->pulse.now_ms + EII_RUN_PROGRESS_MS;
	eii_pulse_say(&core->pulse, EII_EVENT_RUN_PROGRESS, core->run.n_settled, core->run.n_found);
}

static bool is_all_settled(struct eii_core *core)
{
	bool is_full = eii_turns_is_full(core);

	if (!eii_reader_is_quiet(&core->reader) || eii_reader_has_work(&core->reader) ||
	    eii_line_count(&core->line) || core->link.n_open)
		return false;
	/* What was set aside goes at the end of the folder's last turn. */
	return is_full || (core->reader.survey->step == EII_SURVEY_DONE && !is_aside_due(core));
}

static void tend_work(struct eii_core *core)
{
	struct eii_run *run = &core->run;

	if (!run->is_work_wanted && eii_line_n(&core->line, EII_STAGE_CONVERTED))
		want_work(core);
	if (!run->has_work && run->is_work_wanted && eii_core_has_its_work(core) &&
	    eii_store_is_clean(&core->store)) {
		run->has_work = true;
		eii_pulse_move(&core->pulse);
	}
}

static void tend_flow(struct eii_core *core)
{
	struct eii_run *run = &core->run;

	if (core->registry.missing) {
		eii_course_break(core, EII_EVENT_RIGHTS_MISSING);
		return;
	}
	if (eii_schedule_is_paused_out(&core->schedule, &core->pulse)) {
		eii_pulse_say(&core->pulse, EII_EVENT_PAUSED_OUT, 0, 0);
		eii_course_break(core, EII_EVENT_PAUSED_OUT);
		return;
	}
	if (!run->is_start_put)
		put_start(core);
	if (!run->is_ready && eii_store_is_clean(&core->store)) {
		run->is_ready = true;
		eii_pulse_move(&core->pulse);
	}
	tend_work(core);
	tend_progress(core);
	if (is_all_settled(core))
		end_turn(core);
}

static void tend_close(struct eii_core *core)
{
	if (eii_reader_is_quiet(&core->reader) && core->link.state == EII_LINK_DOWN)
		finish(core);
}

/* ---- the end of it all ------------------------------------------------- */

static void over(struct eii_core *core, enum eii_over_code code)
{
	struct eii_order *order = eii_pulse_order(&core->pulse, EII_ORDER_OVER, EII_PULSE_NEVER);

	order->over.code = code;
	core->is_over = true;
}

static bool is_closed(const struct eii_core *core)
{
	return !core->store.ledger.work_is_left &&
	       (!eii_work_is_open(&core->work) || core->store.ledger.work_is_closed);
}

static bool is_stored_and_closed(const struct eii_core *core)
{
	return (!core->store.is_live || eii_store_is_clean(&core->store)) && is_closed(core);
}

/* Nothing of it will be stored or closed any more: it has failed, and so do the last calls. */
static bool is_hopeless(const struct eii_core *core)
{
	return core->run.code != EII_OVER_OK &&
	       (!core->registry.is_live || core->store.attempt.n > 1 || core->work.attempt.n > 1);
}

/* The verdict on a Work that is closed is still worth waiting for: never for a backlog. */
static bool is_verdict_due(const struct eii_core *core)
{
	const struct eii_work *work = &core->work;

	return eii_work_is_open(work) && work->can_say && core->run.code == EII_OVER_OK;
}

/* A Work that an earlier run may have left is worth a question. */
static bool is_search_due(const struct eii_core *core)
{
	const struct eii_work *work = &core->work;

	return work->must_find && work->can_say && core->registry.is_live && work->attempt.n == 0 &&
	       core->run.code == EII_OVER_OK;
}

static enum eii_over_code single_code(const struct eii_core *core)
{
	bool is_whole = is_stored_and_closed(core) && !core->has_refused;

	return core->run.code == EII_OVER_OK && !is_whole ? EII_OVER_GAVE_UP : core->run.code;
}

/* A single run waits for state, Work and verdict. */
static void tend_single(struct eii_core *core)
{
	struct eii_run *run = &core->run;
	uint64_t n_waiting = eii_work_reports_waiting(&core->work, run->n_reports);
	bool has_time;

	if (!run->is_ended || run->phase != EII_PHASE_IDLE)
		return;
	has_time = !eii_pulse_is_due(&core->pulse, run->ended_ms + EII_ONCE_WAIT_MS);
	if (!is_stored_and_closed(core)) {
		if (!has_time || is_hopeless(core))
			over(core, single_code(core));
		return;
	}
	if (is_search_due(core) && has_time)
		return;
	if (is_verdict_due(core)) {
		if (has_time && (run->n_unmoved < 2 || core->work.n_empty))
			return;
		if (n_waiting)
			eii_pulse_say(&core->pulse, EII_EVENT_REPORTS_WAIT, n_waiting, 0);
	}
	over(core, single_code(core));
}

void eii_run_stop(struct eii_core *core)
{
	if (eii_pulse_is_stopping(&core->pulse))
		return;
	core->pulse.stop_ms = core->pulse.now_ms ? core->pulse.now_ms : 1;
	eii_store_hurry(&core->store);
	eii_course_break(core, EII_EVENT_STOPPED);
	eii_pulse_move(&core->pulse);
}

static bool may_stop_waiting(struct eii_core *core, int64_t ms)
{
	return eii_pulse_is_due(&core->pulse, core->pulse.stop_ms + ms);
}

/* What hung when the stop came, and hangs again, still leaves the Work its turn. */
static bool may_store_or_close(const struct eii_core *core)
{
	uint16_t n = core->store.attempt.n;
	bool is_turn = n < 2 || (n == 2 && core->store.is_unknown && !is_closed(core));

	/* What was confirmed while the Work's calls hung has not been tried yet. */
	if (n == 0 && !eii_store_is_clean(&core->store))
		return true;
	return is_turn && core->work.attempt.n < 2;
}

static void tend_stop(struct eii_core *core)
{
	bool is_late = may_stop_waiting(core, EII_STOP_WORK_MS);

	if (!is_late && core->run.phase != EII_PHASE_IDLE)
		return;
	if (!is_late && core->registry.is_live && !is_stored_and_closed(core)) {
		/* The Work's end is stored as well. */
		if (!eii_store_is_clean(&core->store) && core->store.attempt.n == 0)
			eii_store_hurry(&core->store);
		if (may_store_or_close(core))
			return;
	}
	eii_pulse_say(&core->pulse, EII_EVENT_STOPPED, 0, 0);
	over(core, EII_OVER_OK);
}

void eii_run_tend(struct eii_core *core)
{
	switch (core->run.phase) {
	case EII_PHASE_IDLE:
		tend_idle(core);
		break;
	case EII_PHASE_LOOK:
		tend_look(core);
		break;
	case EII_PHASE_FLOW:
		tend_flow(core);
		break;
	case EII_PHASE_CLOSE:
		tend_close(core);
		break;
	case EII_PHASE_STOP:
		break;
	}
	if (core->is_over)
		return;
	if (eii_pulse_is_stopping(&core->pulse))
		tend_stop(core);
	else
		tend_single(core);
}
