/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the mailbox into the line: what is asked for next.
 */

#include "intake_private.h"
#include "wire.h"

/* Below so many planned mails more are listed, up to the second number. */
#define PLAN_LOW  EII_CORE_CHUNK_MAILS
#define PLAN_FULL (EII_READER_PLAN - 2 * EII_CORE_CHUNK_MAILS)

/* ---- asking ------------------------------------------------------------ */

static void ask_survey(struct eii_core *core)
{
	struct eii_survey *survey = core->reader.survey;
	enum eii_order_type type = eii_survey_next(survey);
	struct eii_order *order = eii_intake_ask(core, type, EII_READER_CALL_MS);

	eii_survey_fill(survey, core->place, &core->pulse, order);
	if (type == EII_ORDER_LOOK)
		order->look.folder = eii_turns_name(core);
	if (survey->step != EII_SURVEY_LISTING)
		return;
	order->sizes.after = core->place->listed;
	order->sizes.max = core->reader.sizes_limit;
}

enum eii_others eii_intake_others(const struct eii_core *core)
{
	enum eii_survey_step step = core->reader.survey->step;
	bool is_listing = step != EII_SURVEY_DONE && step != EII_SURVEY_IDLE;

	return core->reader.n_plan || is_listing ? EII_OTHERS_WANTED : EII_OTHERS_NONE;
}

static bool is_over_limit(const struct eii_core *core, const struct eii_wanted *wanted)
{
	return wanted->has_size && wanted->size_bytes > core->pulse.config.max_mail_bytes;
}

static const struct eii_aside *aside_of(struct eii_core *core, const struct eii_wanted *wanted)
{
	return wanted->is_aside ? eii_place_find_aside(core->place, wanted->uid) : NULL;
}

static enum eii_form form_of(struct eii_core *core, const struct eii_wanted *wanted)
{
	const struct eii_aside *aside = aside_of(core, wanted);

	if (eii_place_is_killer(&core->place->s, wanted->uid) ||
	    (aside && eii_place_wants_header(aside)))
		return EII_FORM_HEAD;
	return is_over_limit(core, wanted) ? EII_FORM_HEAD : EII_FORM_WHOLE;
}

/* Why it is its header alone. */
static void say_why(struct eii_core *core, struct eii_entry *entry, const struct eii_wanted *wanted)
{
	entry->is_given_up = eii_place_is_killer(&core->place->s, wanted->uid);
	if (entry->is_given_up)
		entry->reason = EII_MAIL_REASON_KILLER;
	else
		entry->reason = is_over_limit(core, wanted) ? EII_MAIL_REASON_OVER_LIMIT
							    : EII_MAIL_REASON_WITHHELD;
}

static void join(struct eii_core *core, struct eii_group *group, const struct eii_wanted *wanted,
		 enum eii_form form)
{
	uint64_t granted = eii_reader_grant(wanted, &core->pulse.config, form);
	uint16_t slot = eii_line_take(&core->line, wanted->uid, granted);
	struct eii_entry *entry = eii_line_at(&core->line, slot);
	const struct eii_aside *aside = aside_of(core, wanted);

	entry->form = form;
	entry->has_date = wanted->has_date;
	entry->internal_unix_s = wanted->internal_unix_s;
	entry->size_bytes = wanted->has_size ? wanted->size_bytes : 0;
	entry->is_aside = wanted->is_aside;
	entry->must_ask = eii_place_must_ask(core->place, wanted->uid) || wanted->is_aside;
	if (form == EII_FORM_HEAD)
		say_why(core, entry, wanted);
	if (aside && eii_place_has_header(aside))
		entry->milliseconds = aside->milliseconds; /* as its header's report has it */
	group->items[group->n] = (struct eii_fetch_item){ .uid = wanted->uid,
							  .slot = slot,
							  .granted_bytes = granted };
	group->wanted[group->n] = *wanted;
	group->is_done[group->n] = false;
	group->n++;
}

/* The planned mails that may travel together with those that are in the group. */
static void fill_group(struct eii_core *core, struct eii_group *group)
{
	struct eii_reader *reader = &core->reader;
	uint64_t bytes = group->items[0].granted_bytes;

	while (group->n < reader->group_limit) {
		const struct eii_size_info *info = eii_reader_next(reader);
		struct eii_wanted wanted;
		uint64_t granted;

		if (!info || !info->has_size ||
		    eii_careful_begins_with(&core->run.careful, info->uid))
			return;
		wanted = (struct eii_wanted){ .uid = info->uid,
					      .has_size = true,
					      .size_bytes = info->size_bytes };
		if (form_of(core, &wanted) != EII_FORM_WHOLE)
			return;
		granted = eii_reader_grant(&wanted, &core->pulse.config, EII_FORM_WHOLE);
		if (bytes + granted > EII_READER_GROUP_BYTES ||
		    !eii_line_has_room(&core->line, &core->pulse, granted))
			return;
		eii_reader_take(reader, &wanted);
		join(core, group, &wanted, EII_FORM_WHOLE);
		bytes += granted;
	}
}

static bool choose_aside(struct eii_core *core, struct eii_wanted *out)
{
	struct eii_reader *reader = &core->reader;
	int64_t next_s;
	const struct eii_aside *aside =
		eii_place_aside_due(core->place, core->pulse.unix_s, &next_s);

	if (!aside || eii_intake_others(core) == EII_OTHERS_WANTED)
		return false;
	*out = (struct eii_wanted){ .uid = aside->uid, .is_aside = true };
	out->has_size = reader->larger_uid == aside->uid;
	out->size_bytes = out->has_size ? reader->larger_bytes : 0;
	return true;
}

/*
 * The mail to be asked for next; false: none may be now. *out_is_alone: with no
 * other. What has been judged does not wait for those of which nobody knows yet
 * whose trouble they are.
 */
static bool choose(struct eii_core *core, struct eii_wanted *out, bool *out_is_alone)
{
	struct eii_reader *reader = &core->reader;

	*out_is_alone = true;
	if (reader->n_groups == 0 && eii_judge_take(&reader->judge, EII_OTHERS_WANTED, out))
		return true;
	if (eii_reader_next(reader)) {
		*out_is_alone = false;
		eii_reader_take(reader, out);
		return true;
	}
	return reader->n_groups == 0 &&
	       (choose_aside(core, out) || eii_judge_take(&reader->judge, EII_OTHERS_NONE, out));
}

/* Gives a mail back that was chosen and has no room yet. */
void eii_intake_put_back(struct eii_core *core, const struct eii_wanted *wanted)
{
	struct eii_judge *judge = &core->reader.judge;

	if (wanted->is_aside && !wanted->n_refused)
		return;
	if (wanted->n_refused)
		eii_judge_put_back(judge, wanted);
	else
		eii_reader_plan_again(&core->reader, wanted);
}

static void send_group(struct eii_core *core, struct eii_group *group)
{
	uint64_t bytes = 0;
	struct eii_order *order;

	for (uint16_t i = 0; i < group->n; i++)
		bytes += group->items[i].granted_bytes;
	order = eii_pulse_order(&core->pulse, EII_ORDER_FETCH,
				core->pulse.now_ms + EII_READER_CALL_MS +
					(int64_t)(bytes / EII_READER_BYTES_A_MS));
	order->fetch.items = group->items;
	order->fetch.n = group->n;
	order->fetch.head_bytes = group->is_head ? core->pulse.config.scan_bytes : 0;
	order->fetch.is_header =
		eii_line_at(&core->line, group->items[0].slot)->reason == EII_MAIL_REASON_WITHHELD;
	/* What is known of a mail that was set aside has not outlived the run. */
	order->fetch.wants_info = group->wanted[0].is_aside;
	group->order = order->number;
	core->reader.n_groups++;
	core->reader.talked_ms = core->pulse.now_ms;
}

/* One that came to grief before is named in each run that begins with a suspicion. */
static bool goes_by_name(const struct eii_core *core, const struct eii_wanted *wanted)
{
	const struct eii_careful *careful = &core->run.careful;

	if (careful->n_left || eii_careful_begins_with(careful, wanted->uid))
		return true;
	return careful->is_suspicious && (wanted->is_aside || wanted->n_refused);
}

static bool has_plan_room(const struct eii_reader *reader)
{
	return reader->n_plan + EII_CORE_CHUNK_MAILS < EII_READER_PLAN;
}

/* What waits with its bytes for its turn behind the mail. */
static void let_waiting_come_again(struct eii_core *core, uint32_t uid)
{
	int next, slot = eii_line_first(&core->line, EII_STAGE_RAW);

	for (; slot >= 0 && has_plan_room(&core->reader); slot = next) {
		const struct eii_entry *entry = eii_line_at(&core->line, (uint16_t)slot);
		struct eii_wanted wanted = { .uid = entry->uid,
					     .has_size = entry->size_bytes != 0,
					     .size_bytes = entry->size_bytes,
					     .has_date = entry->has_date,
					     .internal_unix_s = entry->internal_unix_s };

		next = entry->next;
		if (!eii_numbering_waits_for(core, entry, uid))
			continue;
		eii_outlet_drop(core, (uint16_t)slot);
		eii_reader_plan_again(&core->reader, &wanted);
	}
}

/* What is made does no more harm. */
static bool is_one_at_work(const struct eii_core *core)
{
	for (int stage = EII_STAGE_FETCHING; stage <= EII_STAGE_CONVERTING; stage++) {
		if (eii_line_first(&core->line, (enum eii_stage)stage) >= 0)
			return true;
	}
	return false;
}

/* Whether the mail, with nothing beside it, stands in the state before its FETCH. */
static bool is_named(struct eii_core *core, const struct eii_wanted *wanted)
{
	struct eii_careful *careful = &core->run.careful;
	struct eii_place_state *s = &core->place->s;

	if (core->reader.n_groups)
		return false;
	let_waiting_come_again(core, wanted->uid);
	if (is_one_at_work(core))
		return false;
	if (eii_careful_begins_with(careful, wanted->uid)) {
		eii_careful_enter(careful);
		eii_pulse_say(&core->pulse, EII_EVENT_RUN_CAREFUL, s->n_starts, 0);
	}
	if (eii_careful_name(careful, s, wanted->uid)) {
		if (s->in_hand.attempts >= EII_CAREFUL_ATTEMPTS) {
			eii_place_name_killer(s, wanted->uid);
			eii_pulse_say(&core->pulse, EII_EVENT_KILLER, wanted->uid, 0);
		}
		eii_core_touch(core);
		eii_store_hurry(&core->store);
		eii_pulse_move(&core->pulse);
	}
	return eii_store_is_clean(&core->store);
}

/* Those that wait for this one do not hold the room that it needs. */
static bool makes_room(struct eii_core *core, const struct eii_wanted *wanted, enum eii_form form)
{
	uint64_t bytes = eii_reader_grant(wanted, &core->pulse.config, form);

	if (eii_line_has_room(&core->line, &core->pulse, bytes))
		return true;
	let_waiting_come_again(core, wanted->uid);
	return eii_line_has_room(&core->line, &core->pulse, bytes);
}

static bool ask_for_mails(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;
	struct eii_group *group = eii_reader_group_at(reader, reader->n_groups);
	struct eii_wanted wanted;
	enum eii_form form;
	bool is_alone;

	if (!choose(core, &wanted, &is_alone))
		return false;
	if (goes_by_name(core, &wanted) && !is_named(core, &wanted)) {
		eii_intake_put_back(core, &wanted);
		return false;
	}
	form = form_of(core, &wanted);
	if (!makes_room(core, &wanted, form)) {
		eii_intake_put_back(core, &wanted);
		return false;
	}
	if (wanted.is_aside)
		eii_place_try_aside(core->place, wanted.uid, core->pulse.unix_s);
	*group = (struct eii_group){ .is_head = form == EII_FORM_HEAD };
	join(core, group, &wanted, form);
	if (!is_alone && !group->is_head && wanted.has_size && !core->run.careful.n_left)
		fill_group(core, group);
	send_group(core, group);
	return true;
}

static bool ask_for_missing(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;
	struct eii_order *order;

	if (!reader->n_missing || reader->n_groups)
		return false;
	reader->finding = reader->missing[--reader->n_missing];
	order = eii_intake_ask(core, EII_ORDER_FIND, EII_READER_CALL_MS);
	order->find.uid = reader->finding.uid;
	return true;
}

/* More is listed in long strides: each costs the pipeline its flow. */
static bool ask_for_more(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;

	if (reader->n_groups || eii_survey_next(reader->survey) == EII_ORDER_NONE ||
	    eii_turns_is_full(core))
		return false;
	if (reader->n_plan < PLAN_LOW)
		reader->is_filling = true;
	if (reader->n_plan >= PLAN_FULL)
		reader->is_filling = false;
	/* The first mails of a run go at once. */
	if (!reader->is_filling || (reader->n_plan && !core->run.n_settled))
		return false;
	ask_survey(core);
	return true;
}

/* Only mails are left that do not come: a new one tells whose trouble that is. */
static bool look_for_others(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;

	if (reader->survey->step != EII_SURVEY_DONE || !reader->judge.n || reader->n_plan ||
	    reader->n_groups || core->run.reason != EII_EVENT_NONE ||
	    !eii_pulse_is_due(&core->pulse, reader->survey->begun_ms + EII_SURVEY_OTHERS_MS))
		return false;
	reader->survey->step = EII_SURVEY_FOLDER;
	reader->survey->begun_ms = core->pulse.now_ms;
	ask_survey(core);
	return true;
}

static bool may_fetch(struct eii_core *core)
{
	return core->run.phase == EII_PHASE_FLOW && core->run.is_ready &&
	       core->run.reason == EII_EVENT_NONE && !core->schedule.is_over;
}

/* Whose trouble it is is found out before more is listed, which may fail as well. */
static bool list_more(struct eii_core *core)
{
	if (eii_judge_is_ready(&core->reader.judge) && may_fetch(core))
		return false;
	return ask_for_more(core) || look_for_others(core);
}

static void tend_flow(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;

	/* A new session may show another numbering: nothing is asked for by the old one. */
	if (reader->survey->step == EII_SURVEY_FOLDER || reader->survey->step == EII_SURVEY_AGAIN) {
		if (reader->n_groups == 0)
			ask_survey(core);
		return;
	}
	if (ask_for_missing(core) || list_more(core))
		return;
	while (reader->n_groups < EII_READER_GROUPS && has_plan_room(reader)) {
		/* What is asked for alone, to find out whose trouble it is, stays alone. */
		if (reader->n_groups && (eii_judge_is_ready(&reader->judge) || reader->n_missing ||
					 eii_reader_group_at(reader, 0)->wanted[0].n_refused))
			return;
		if (!may_fetch(core) || !ask_for_mails(core))
			return;
	}
}

static void tend_idle(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;

	if (eii_intake_watch(core) || !reader->is_open)
		return;
	if (eii_pulse_is_due(&core->pulse, reader->talked_ms + EII_READER_IDLE_MS))
		eii_intake_look(core);
}

static void cut(struct eii_core *core)
{
	struct eii_order *order;

	if (core->reader.is_cut || eii_reader_is_quiet(&core->reader))
		return;
	core->reader.is_cut = true;
	order = eii_pulse_order(&core->pulse, EII_ORDER_CUT, EII_PULSE_NEVER);
	order->cut.part = EII_PART_MAILBOX;
}

void eii_intake_tend(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;

	if (eii_pulse_is_stopping(&core->pulse) || core->run.reason != EII_EVENT_NONE) {
		cut(core);
		return;
	}
	if (eii_intake_is_watch_in_the_way(core))
		cut(core);
	if (reader->doing != EII_ORDER_NONE)
		return;
	if (!eii_intake_wants_session(core)) {
		tend_idle(core);
		return;
	}
	if (!eii_attempt_is_due(&reader->attempt, &core->pulse))
		return;
	if (!reader->is_open) {
		if (reader->n_groups == 0)
			eii_intake_open(core);
		return;
	}
	if (core->folders.must_list) {
		(void)eii_intake_ask(core, EII_ORDER_LIST, EII_READER_CALL_MS);
		return;
	}
	if (core->run.phase == EII_PHASE_FLOW) {
		tend_flow(core);
		return;
	}
	if (!eii_reader_has_work(reader) && eii_survey_next(reader->survey) != EII_ORDER_NONE)
		ask_survey(core);
}
