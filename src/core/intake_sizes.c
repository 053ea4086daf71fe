/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list as its sizes come, chunk by chunk, and what becomes of it where they do not.
 */
#include "intake_private.h"

#define SIZES_SHRINK 16

/* Tries count in a row: the list has gone on since the last one. */
static void list_goes_on(struct eii_core *core)
{
	core->reader.n_sizeless = 0;
	eii_attempt_worked(&core->reader.attempt);
}

/* So has it with a UID that is passed; but many in a row are the server's trouble. */
static void passed_sizeless(struct eii_core *core)
{
	if (core->reader.n_sizeless == EII_JUDGE_FEW)
		return;
	core->reader.n_sizeless++;
	eii_attempt_worked(&core->reader.attempt);
}

void eii_intake_heed_sizes(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_reader *reader = &core->reader;
	struct eii_survey *survey = reader->survey;
	bool is_end = fact->sizes.is_end || fact->sizes.n == 0;

	if (!eii_intake_wants_session(core))
		return;
	if (survey->step == EII_SURVEY_NEWEST_SIZES) {
		eii_survey_newest(survey, core->place, fact);
		return;
	}
	for (uint16_t i = 0; i < fact->sizes.n && survey->step == EII_SURVEY_LISTING; i++) {
		const struct eii_size_info *info = &fact->sizes.infos[i];
		enum eii_listing listing = eii_place_list(core->place, info);

		if (listing == EII_LISTING_OURS) {
			survey->n_ours++;
			core->run.n_found++;
			core->folders.n_turn++;
			eii_course_owe_listed(core, info);
			eii_reader_plan(reader, info);
		} else if (listing == EII_LISTING_BEYOND) {
			is_end = true;
			break;
		}
	}
	if (is_end)
		eii_survey_list_ended(survey, core->place);
	eii_reader_grow(&reader->sizes_limit);
	if (fact->type == EII_FACT_MAILBOX_SIZES)
		list_goes_on(core);
	eii_core_touch(core);
}

void eii_intake_sizes_failed(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_reader *reader = &core->reader;
	uint32_t uid = fact->sizes.n == 1 ? fact->sizes.infos[0].uid : 0;
	struct eii_fact one = *fact;

	uint16_t limit = reader->sizes_limit;

	/* Each failure may cost a session: to the one UID in a few steps. */
	limit = fact->sizes.n && fact->sizes.n < limit ? fact->sizes.n : limit;
	reader->sizes_limit = limit > SIZES_SHRINK ? limit / SIZES_SHRINK : 1;
	if (reader->survey->step == EII_SURVEY_NEWEST_SIZES)
		eii_survey_newest_failed(reader->survey, core->place, limit);
	if (reader->survey->step != EII_SURVEY_LISTING || !uid)
		return;
	if (reader->sizeless_uid == uid) {
		one.sizes.is_end = false;
		eii_intake_heed_sizes(core, &one);
		reader->sizes_limit = 1;
		passed_sizeless(core);
	}
	reader->sizeless_uid = uid;
}

bool eii_intake_heed_info(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_group *group = eii_reader_group(&core->reader, fact->order);
	const struct eii_size_info *info = fact->sizes.n ? &fact->sizes.infos[0] : NULL;
	struct eii_wanted *wanted;
	struct eii_entry *entry;

	if (!group)
		return false;
	wanted = &group->wanted[0];
	if (!info || info->uid != wanted->uid || group->is_done[0])
		return true;
	entry = eii_line_at(&core->line, group->items[0].slot);
	if (info->has_size && !wanted->has_size) {
		wanted->has_size = true;
		wanted->size_bytes = info->size_bytes;
		entry->size_bytes = info->size_bytes;
	}
	wanted->has_date = entry->has_date = info->has_date;
	wanted->internal_unix_s = entry->internal_unix_s = info->internal_unix_s;
	return true;
}

void eii_intake_too_large(struct eii_core *core, struct eii_wanted *wanted, uint64_t len)
{
	struct eii_aside *aside;

	if (wanted->has_size && len <= wanted->size_bytes)
		len = wanted->size_bytes * 2;
	wanted->has_size = true;
	wanted->size_bytes = len;
	core->reader.larger_uid = wanted->uid;
	core->reader.larger_bytes = len;
	if (!wanted->is_aside) {
		eii_reader_plan_again(&core->reader, wanted);
		return;
	}
	aside = eii_place_find_aside(core->place, wanted->uid);
	if (aside)
		aside->next_unix_s = core->pulse.unix_s;
}
