/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each answer of the mailbox means for place, line and judge.
 */
#include "intake_private.h"
#include "wire.h"

/* A mail that was withheld so often and for so long becomes a report of facts. */
#define ASIDE_TRIES 20
#define ASIDE_S     (7 * 86400)

/* ---- failures ---------------------------------------------------------- */

static void set_aside(struct eii_core *core, const struct eii_wanted *wanted);

/*
 * A single run cannot wait an hour for its last few mails, which the server has
 * and does not hand out: later runs try them again.
 */
static void set_withheld_aside(struct eii_core *core)
{
	struct eii_reader *reader = &core->reader;
	struct eii_wanted wanted;

	while (eii_judge_take(&reader->judge, EII_OTHERS_NONE, &wanted))
		set_aside(core, &wanted);
	eii_attempt_worked(&reader->attempt);
	if (core->run.code == EII_OVER_OK)
		core->run.code = EII_OVER_GAVE_UP;
	eii_pulse_move(&core->pulse);
}

/* Fewer than came: a server that is in trouble itself withholds more. */
static bool are_few(const struct eii_judge *judge)
{
	return judge->n <= EII_JUDGE_FEW || judge->n < judge->n_bodies;
}

static void reader_failed(struct eii_core *core, const struct eii_failure *failure)
{
	struct eii_reader *reader = &core->reader;
	enum eii_over_code code;

	eii_attempt_failed(&reader->attempt, &core->pulse, failure);
	eii_part_failed(core, &reader->attempt, failure);
	if (!eii_attempt_gives_up(&reader->attempt, &core->pulse, &code))
		return;
	if (reader->is_withheld && are_few(&reader->judge) &&
	    eii_intake_others(core) == EII_OTHERS_NONE) {
		set_withheld_aside(core);
		return;
	}
	eii_course_give_up(core, code);
}

static void disagrees(struct eii_core *core)
{
	static const struct eii_failure failure = {
		.kind = EII_FAILURE_PASSING,
		.lives = true,
		.words = "the mail server's answer to SEARCH is missing, or its EXAMINE says "
			 "otherwise, now or before",
	};

	eii_intake_session_is_over(core);
	(void)eii_intake_ask(core, EII_ORDER_CLOSE, EII_READER_CLOSE_MS);
	reader_failed(core, &failure);
}

/* ---- mails that do not come -------------------------------------------- */

/* A report of what the server says of it: nothing else is to be had. */
static void make_facts(struct eii_core *core, const struct eii_wanted *wanted)
{
	uint16_t slot;
	struct eii_entry *entry;

	eii_pulse_say(&core->pulse, EII_EVENT_GIVEN_UP_UID, wanted->uid, 0);
	slot = eii_line_take(&core->line, wanted->uid, 0);
	entry = eii_line_at(&core->line, slot);
	entry->form = EII_FORM_FACTS;
	entry->reason = EII_MAIL_REASON_WITHHELD;
	entry->has_date = wanted->has_date;
	entry->internal_unix_s = wanted->internal_unix_s;
	entry->size_bytes = wanted->has_size ? wanted->size_bytes : 0;
	entry->is_aside = wanted->is_aside;
	entry->must_ask = eii_place_must_ask(core->place, wanted->uid) || wanted->is_aside;
	eii_line_move(&core->line, slot, EII_STAGE_RAW);
}

static bool is_hopeless(const struct eii_core *core, const struct eii_aside *aside)
{
	return aside->n_tries >= ASIDE_TRIES && core->pulse.unix_s - aside->first_unix_s >= ASIDE_S;
}

/* The report of its header stays; where there is none, one of facts comes. */
static void give_up(struct eii_core *core, const struct eii_wanted *wanted,
		    const struct eii_aside *aside)
{
	if (!eii_place_has_header(aside)) {
		make_facts(core, wanted);
		return;
	}
	eii_pulse_say(&core->pulse, EII_EVENT_GIVEN_UP_UID, wanted->uid, 0);
	eii_place_drop_aside(core->place, wanted->uid);
	eii_core_touch(core);
}

static void set_aside(struct eii_core *core, const struct eii_wanted *wanted)
{
	struct eii_aside *aside;

	eii_place_owe(core->place, eii_course_window_since(core));
	if (!eii_place_set_aside(core->place, wanted->uid, core->pulse.unix_s)) {
		make_facts(core, wanted);
		return;
	}
	aside = eii_place_find_aside(core->place, wanted->uid);
	if (is_hopeless(core, aside)) {
		give_up(core, wanted, aside);
		return;
	}
	if (aside->n_tries == 1)
		eii_pulse_say(&core->pulse, EII_EVENT_SET_ASIDE, wanted->uid, aside->n_tries);
	if (aside->n_tries == 1 && eii_place_wants_header(aside))
		aside->next_unix_s = core->pulse.unix_s; /* its header may be had at once */
	(void)eii_place_settle(core->place, wanted->uid);
	eii_core_keep_order(core); /* a next life has to pass it as well */
}

static void refused(struct eii_core *core, const struct eii_wanted *wanted)
{
	struct eii_wanted recalled = *wanted;

	eii_pulse_move(&core->pulse);
	if (!eii_judge_has_room(&core->reader.judge)) {
		eii_intake_put_back(
			core, &(struct eii_wanted){ .uid = wanted->uid,
						    .has_size = wanted->has_size,
						    .has_date = wanted->has_date,
						    .size_bytes = wanted->size_bytes,
						    .internal_unix_s = wanted->internal_unix_s,
						    .is_aside = wanted->is_aside });
		return;
	}
	eii_judge_recall(&core->reader.judge, &core->pulse, &recalled,
			 eii_place_troubled_for_s(core->place, wanted->uid, core->pulse.unix_s));
	if (eii_judge_refused(&core->reader.judge, &core->pulse, &recalled,
			      eii_intake_others(core)) == EII_JUDGED_ASIDE)
		set_aside(core, wanted);
	else if (eii_place_note_trouble(core->place, wanted->uid, core->pulse.unix_s))
		eii_core_touch(core);
}

/* Nothing came since the last time that nothing came: that is a failure of the server's. */
static void nothing_came(struct eii_core *core, const char *words)
{
	struct eii_reader *reader = &core->reader;
	const struct eii_failure failure = { .kind = EII_FAILURE_PASSING,
					     .lives = true,
					     .words = words };

	reader->is_withheld = true;
	if (reader->judge.n_bodies == reader->bodies_then)
		reader_failed(core, &failure);
	reader->is_withheld = false;
	reader->bodies_then = reader->judge.n_bodies;
}

/* ---- bodies ------------------------------------------------------------ */

static void came(struct eii_core *core, const struct eii_wanted *wanted,
		 const struct eii_fact *fact)
{
	uint16_t slot = fact->body.slot;

	/* A header says little of a server that withholds what is below it. */
	if (eii_line_at(&core->line, slot)->reason != EII_MAIL_REASON_WITHHELD)
		eii_judge_came(&core->reader.judge);
	core->reader.n_sizeless = 0;
	eii_attempt_worked(&core->reader.attempt);
	eii_part_worked(core, EII_PART_MAILBOX);
	eii_pulse_move(&core->pulse);
	if (eii_numbering_must_come_again(core, wanted)) {
		eii_outlet_drop(core, slot);
		eii_reader_plan_again(&core->reader, wanted);
		return;
	}
	eii_line_correct(&core->line, slot, fact->body.len);
	eii_line_move(&core->line, slot, EII_STAGE_RAW);
	eii_careful_came(&core->run.careful);
}

static void heed_body(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_group *group = eii_reader_group(&core->reader, fact->order);
	int i = group ? eii_reader_item(group, fact->body.slot) : -1;
	struct eii_wanted wanted;

	if (i < 0)
		return;
	wanted = group->wanted[i];
	if (core->run.reason != EII_EVENT_NONE) {
		group->is_done[i] = true;
		eii_outlet_drop(core, fact->body.slot);
		return;
	}
	switch (fact->body.result) {
	case EII_BODY_CAME:
		group->is_done[i] = true;
		group->n_came++;
		came(core, &wanted, fact);
		break;
	case EII_BODY_TOO_LARGE:
		group->is_done[i] = true;
		eii_outlet_drop(core, fact->body.slot);
		eii_intake_too_large(core, &wanted, fact->body.len);
		break;
	case EII_BODY_EMPTY:
	case EII_BODY_NO_MEMORY:
		group->is_empty[i] = true; /* judged when the group is over */
		break;
	case EII_BODY_NIL:
		break; /* missing */
	}
}

/* What the group has not brought leaves the line; each goes where the answer says. */
enum remainder { REMAINDER_MISSING, REMAINDER_AGAIN, REMAINDER_REFUSED, REMAINDER_NOTHING };

static void empty_group(struct eii_core *core, struct eii_group *group, enum remainder remainder)
{
	struct eii_reader *reader = &core->reader;

	for (uint16_t i = group->n; i-- > 0;) {
		struct eii_wanted wanted = group->wanted[i];
		bool is_empty;

		if (group->is_done[i])
			continue;
		eii_outlet_drop(core, group->items[i].slot);
		/* Of what came without bytes, one of several is asked for again. */
		is_empty = remainder == REMAINDER_MISSING && group->is_empty[i];
		if (remainder == REMAINDER_REFUSED || (is_empty && group->n == 1))
			refused(core, &wanted);
		else if (remainder == REMAINDER_MISSING && !is_empty)
			reader->missing[reader->n_missing++] = wanted;
		else if (remainder != REMAINDER_NOTHING)
			eii_intake_put_back(core, &wanted);
	}
	eii_reader_drop_group(reader);
	eii_pulse_move(&core->pulse);
}

static void heed_fetched(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_group *group = eii_reader_group(&core->reader, fact->order);
	unsigned n_empty = 0;
	bool has_come;

	if (!group)
		return;
	EII_INVARIANT(group == eii_reader_group_at(&core->reader, 0));
	if (core->run.reason != EII_EVENT_NONE) {
		empty_group(core, group, REMAINDER_NOTHING);
		return;
	}
	for (uint16_t i = 0; i < group->n; i++)
		n_empty += group->is_empty[i] ? 1 : 0;
	if (n_empty && !group->n_came)
		eii_reader_shrink(&core->reader.group_limit, group->n);
	else
		eii_reader_grow(&core->reader.group_limit);
	has_come = group->n_came > 0;
	empty_group(core, group, REMAINDER_MISSING);
	if (n_empty && !has_come)
		nothing_came(core, "the mail server hands mails out without their bytes");
}

/*
 * Only what was asked for first can be what the session died on; what was asked for
 * behind it fails a moment later, when it is first and the session is over.
 */
static bool is_first(struct eii_core *core, const struct eii_group *group)
{
	return group && core->reader.is_open && group == eii_reader_group_at(&core->reader, 0);
}

static bool narrows(const struct eii_group *group, const struct eii_failure *failure)
{
	return group->n > 1 && failure->lives && failure->kind == EII_FAILURE_PASSING;
}

static void fetch_failed(struct eii_core *core, struct eii_group *group,
			 const struct eii_failure *failure)
{
	bool is_blamed = is_first(core, group) && failure->kind != EII_FAILURE_CUT;
	enum remainder remainder = REMAINDER_AGAIN;

	if (is_blamed && group->n == 1 && !group->is_done[0])
		remainder = REMAINDER_REFUSED;
	if (core->run.reason != EII_EVENT_NONE)
		remainder = REMAINDER_NOTHING;
	if (is_blamed)
		eii_reader_narrow(&core->reader, group);
	empty_group(core, group, remainder);
}

/* ---- facts ------------------------------------------------------------- */

static void heed_folder(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_reader *reader = &core->reader;
	bool is_quiet = core->run.phase == EII_PHASE_LOOK;
	enum eii_survey_news news;

	eii_turns_opened(core);
	if (!eii_intake_wants_session(core)) {
		eii_intake_watch_opened(core, fact);
		return;
	}
	if (!eii_turns_recognise(core, &fact->folder))
		return;
	core->place->since_s = eii_course_window_since(core);
	news = eii_survey_folder(reader->survey, core->place, &core->pulse, &fact->folder,
				 core->run.phase);
	if (news == EII_SURVEY_DISAGREES) {
		disagrees(core);
		return;
	}
	if (news == EII_SURVEY_RENUMBERED && !is_quiet) {
		eii_course_break(core, EII_EVENT_RENUMBERED);
		return;
	}
	if (news == EII_SURVEY_RENUMBERED) {
		eii_ring_age(core->ring);
		eii_ring_age(core->back_ring);
		eii_core_touch(core);
	}
}

static void heed_search(struct eii_core *core, const struct eii_fact *fact)
{
	if (!eii_intake_wants_session(core))
		return;
	if (eii_survey_searched(core->reader.survey, core->place, fact) == EII_SURVEY_DISAGREES)
		disagrees(core);
	eii_core_touch(core);
}

static void heed_found(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_wanted wanted = core->reader.finding;

	if (core->run.reason != EII_EVENT_NONE)
		return;
	if (!fact->yes) {
		eii_intake_expunged(core, &wanted);
		return;
	}
	refused(core, &wanted);
	/* Among others that came it says nothing of the server yet. */
	if (wanted.n_refused)
		nothing_came(core, "the mail server does not hand out a mail that it has");
}

/* The order under way, of which one is at a time, has failed. */
static void order_failed(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_reader *reader = &core->reader;
	enum eii_order_type doing = reader->doing;

	if (doing == EII_ORDER_SIZES && eii_intake_wants_session(core))
		eii_intake_sizes_failed(core, fact);
	/* A refused EXAMINE leaves no folder open that a NOOP could tell of. */
	if (doing == EII_ORDER_LOOK)
		reader->survey->real_ms = 0;
	if (doing == EII_ORDER_FIND && core->run.reason == EII_EVENT_NONE)
		reader->missing[reader->n_missing++] = reader->finding;
	if (!fact->failure.lives || doing == EII_ORDER_OPEN)
		eii_intake_session_is_over(core);
	reader->doing = EII_ORDER_NONE;
}

static bool is_answer(const struct eii_core *core, const struct eii_fact *fact)
{
	return core->reader.doing != EII_ORDER_NONE && core->reader.order == fact->order;
}

static void heed_failed(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_group *group = eii_reader_group(&core->reader, fact->order);
	bool is_ours = is_answer(core, fact);
	enum eii_order_type doing = is_ours ? core->reader.doing : EII_ORDER_NONE;
	bool is_between = doing == EII_ORDER_WATCH || doing == EII_ORDER_GLANCE;
	bool counts = (is_ours && !is_between) || is_first(core, group);
	bool is_narrowing = is_first(core, group) && narrows(group, &fact->failure);

	if (group)
		fetch_failed(core, group, &fact->failure);
	if (is_ours)
		order_failed(core, fact);
	if (group && !fact->failure.lives)
		eii_intake_session_is_over(core);
	eii_intake_watch_failed(core, doing, &fact->failure);
	/* A keep-alive that failed only means a new session when one is needed. */
	if (counts && eii_intake_wants_session(core) && !eii_turns_refused(core, &fact->failure))
		(is_narrowing ? eii_intake_narrowed : reader_failed)(core, &fact->failure);
	eii_pulse_move(&core->pulse);
}

static void heed_answer(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_reader *reader = &core->reader;

	if (!is_answer(core, fact))
		return;
	reader->doing = EII_ORDER_NONE;
	eii_pulse_move(&core->pulse);
	if (fact->type == EII_FACT_MAILBOX_OPENED) {
		reader->is_open = true;
		reader->survey->real_ms = core->pulse.now_ms;
	}
	if (fact->type == EII_FACT_MAILBOX_CLOSED) {
		eii_intake_session_is_over(core);
		return;
	}
	switch ((int)fact->type) {
	case EII_FACT_MAILBOX_LISTED:
		if (eii_intake_wants_session(core))
			eii_turns_listed(core, fact);
		break;
	case EII_FACT_MAILBOX_OPENED:
	case EII_FACT_MAILBOX_LOOKED:
		heed_folder(core, fact);
		break;
	case EII_FACT_MAILBOX_SEARCHED:
		heed_search(core, fact);
		break;
	case EII_FACT_MAILBOX_SIZES:
		eii_intake_heed_sizes(core, fact);
		break;
	case EII_FACT_MAILBOX_FOUND:
		heed_found(core, fact);
		break;
	case EII_FACT_MAILBOX_WATCHED:
		eii_intake_watched(core, fact);
		break;
	case EII_FACT_MAILBOX_GLANCED:
		if (eii_intake_glanced(core, fact))
			eii_intake_announced(core);
		break;
	default:
		break;
	}
	/* A sign-in or a search proves little: a server may fail at all that follows. */
	if (reader->judge.n == 0 && reader->doing == EII_ORDER_NONE &&
	    (fact->type == EII_FACT_MAILBOX_SIZES || reader->survey->step == EII_SURVEY_DONE)) {
		eii_attempt_worked(&reader->attempt);
		eii_part_worked(core, EII_PART_MAILBOX);
	}
}

void eii_intake_heed(struct eii_core *core, const struct eii_fact *fact)
{
	if (fact->type == EII_FACT_MAILBOX_SIZES && eii_intake_heed_info(core, fact))
		return;
	switch ((int)fact->type) {
	case EII_FACT_MAILBOX_BODY:
		heed_body(core, fact);
		break;
	case EII_FACT_MAILBOX_FETCHED:
		heed_fetched(core, fact);
		break;
	case EII_FACT_MAILBOX_FAILED:
		heed_failed(core, fact);
		break;
	default:
		heed_answer(core, fact);
		break;
	}
}
