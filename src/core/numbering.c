/* SPDX-License-Identifier: Apache-2.0 */
/* The milliseconds of a report's date, by which mails of one name and second differ. */
#include "wire.h"

static bool is_one_before(const struct eii_core *core, enum eii_stage stage, uint32_t uid)
{
	const struct eii_line *line = &core->line;

	for (int slot = eii_line_first(line, stage); slot >= 0 && line->entries[slot].uid < uid;
	     slot = line->entries[slot].next) {
		if (line->entries[slot].milliseconds == EII_LINE_NO_MS &&
		    !line->entries[slot].is_aside)
			return true;
	}
	return false;
}

/* A mail before it is still to come. What is set aside is passed, in every life. */
static bool is_out_of_order(const struct eii_core *core, uint32_t uid)
{
	return eii_reader_lowest(&core->reader) < uid ||
	       is_one_before(core, EII_STAGE_FETCHING, uid) ||
	       is_one_before(core, EII_STAGE_RAW, uid) ||
	       is_one_before(core, EII_STAGE_CONVERTING, uid);
}

/*
 * What an earlier life may have sent was numbered in the order of UIDs: it waits for
 * its turn.
 */
static bool has_turn(const struct eii_core *core, const struct eii_entry *entry)
{
	return eii_place_must_ask(core->place, entry->uid) && !entry->is_aside;
}

bool eii_numbering_must_wait(const struct eii_core *core, const struct eii_entry *entry)
{
	return has_turn(core, entry) && (eii_reader_lowest(&core->reader) < entry->uid ||
					 is_one_before(core, EII_STAGE_FETCHING, entry->uid));
}

bool eii_numbering_waits_for(const struct eii_core *core, const struct eii_entry *entry,
			     uint32_t uid)
{
	return has_turn(core, entry) && (uid < entry->uid || eii_numbering_must_wait(core, entry));
}

bool eii_numbering_must_come_again(const struct eii_core *core, const struct eii_wanted *wanted)
{
	return core->run.careful.n_left && !wanted->is_aside &&
	       eii_place_must_ask(core->place, wanted->uid) &&
	       eii_reader_lowest(&core->reader) < wanted->uid;
}

/* Once for a mail: a report that is made again keeps what it had. */
static void assign_milliseconds(struct eii_core *core, struct eii_entry *entry,
				const struct eii_fact *fact)
{
	bool is_known;

	entry->milliseconds = (uint16_t)eii_ring_assign(
		core->ring, core->pulse.config.ring_mode, fact->converted.plain_id,
		fact->converted.identity, entry->uid, &is_known);
	/* Delivered a second time: its report may be there, and edited since. */
	entry->must_ask = entry->must_ask || is_known;
	if (entry->is_aside || is_out_of_order(core, entry->uid))
		eii_core_keep_order(core);
	entry->order_number = core->order_number;
}

/*
 * A mail of which the header alone was reported keeps those milliseconds, whatever
 * its UID is by now. That report gets its content, if nobody gave it another.
 */
static void heed_header(struct eii_core *core, struct eii_entry *entry, const struct eii_fact *fact)
{
	const char *id = fact->converted.plain_id;
	unsigned ms = entry->milliseconds;

	/* Also where the whole mail had them first, and was lost. */
	if (entry->form == EII_FORM_HEAD && ms != EII_LINE_NO_MS)
		eii_ring_keep(core->ring, id, fact->converted.identity, entry->uid, ms);
	if (entry->form != EII_FORM_WHOLE)
		return;
	entry->is_repair = eii_ring_find(core->ring, id, fact->converted.head_identity, &ms) ||
			   entry->is_aside;
	if (entry->milliseconds != EII_LINE_NO_MS)
		ms = entry->milliseconds;
	if (entry->is_repair)
		eii_ring_keep(core->ring, id, fact->converted.identity, entry->uid, ms);
}

bool eii_numbering_is_doubtful(const struct eii_core *core, const struct eii_entry *entry)
{
	const struct eii_aside *aside = eii_place_find_aside(core->place, entry->uid);

	return entry->form == EII_FORM_HEAD && entry->reason == EII_MAIL_REASON_WITHHELD && aside &&
	       aside->milliseconds == EII_ASIDE_ASK_FIRST;
}

/*
 * Its own report has the milliseconds that the whole mail was assigned, which the
 * header does not tell: where they are not those of the first of its name and
 * second, or nobody can be asked, it may be there and not be found.
 */
bool eii_numbering_forgoes_header(const struct eii_core *core, const struct eii_entry *entry,
				  const struct eii_fact *fact)
{
	return eii_numbering_is_doubtful(core, entry) &&
	       (core->pulse.config.ring_mode == EII_RING_DISTINCT || core->has_told_cannot_ask ||
		eii_core_writes_files(core) || eii_ring_has(core->ring, fact->converted.plain_id));
}

void eii_numbering_converted(struct eii_core *core, struct eii_entry *entry,
			     const struct eii_fact *fact)
{
	heed_header(core, entry, fact);
	if (entry->milliseconds == EII_LINE_NO_MS)
		assign_milliseconds(core, entry, fact);
}
