/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

/* A mail of unknown size is granted so much; one that needs more says so. */
#define UNKNOWN_BYTES (1024u * 1024)
/* Some servers only estimate RFC822.SIZE. */
#define MARGIN_BYTES 4096u

void eii_reader_init(struct eii_reader *reader)
{
	reader->attempt.part = EII_PART_MAILBOX;
	reader->group_limit = EII_CORE_CHUNK_MAILS;
	reader->sizes_limit = EII_CORE_CHUNK_MAILS;
}

bool eii_reader_is_quiet(const struct eii_reader *reader)
{
	return reader->doing == EII_ORDER_NONE && reader->n_groups == 0;
}

void eii_reader_plan(struct eii_reader *reader, const struct eii_size_info *info)
{
	EII_INVARIANT(reader->n_plan < EII_READER_PLAN);
	reader->plan[(reader->plan_first + reader->n_plan) % EII_READER_PLAN] = *info;
	reader->n_plan++;
}

static struct eii_size_info *planned(struct eii_reader *reader, uint16_t i)
{
	return &reader->plan[(reader->plan_first + i) % EII_READER_PLAN];
}

void eii_reader_plan_again(struct eii_reader *reader, const struct eii_wanted *wanted)
{
	uint16_t i = 0;

	EII_INVARIANT(reader->n_plan < EII_READER_PLAN);
	reader->plan_first =
		(uint16_t)((reader->plan_first + EII_READER_PLAN - 1) % EII_READER_PLAN);
	reader->n_plan++;
	for (; i + 1 < reader->n_plan && planned(reader, i + 1)->uid < wanted->uid; i++)
		*planned(reader, i) = *planned(reader, i + 1);
	*planned(reader, i) = (struct eii_size_info){
		.uid = wanted->uid,
		.has_size = wanted->has_size,
		.has_date = wanted->has_date,
		.size_bytes = wanted->size_bytes,
		.internal_unix_s = wanted->internal_unix_s,
	};
}

const struct eii_size_info *eii_reader_next(const struct eii_reader *reader)
{
	return reader->n_plan ? &reader->plan[reader->plan_first] : NULL;
}

void eii_reader_take(struct eii_reader *reader, struct eii_wanted *out)
{
	const struct eii_size_info *info = eii_reader_next(reader);

	*out = (struct eii_wanted){ .uid = info->uid,
				    .has_size = info->has_size,
				    .has_date = info->has_date,
				    .size_bytes = info->size_bytes,
				    .internal_unix_s = info->internal_unix_s };
	reader->plan_first = (uint16_t)((reader->plan_first + 1) % EII_READER_PLAN);
	reader->n_plan--;
}

void eii_reader_forget(struct eii_reader *reader)
{
	reader->n_plan = 0;
	reader->n_missing = 0;
	reader->is_filling = false;
	eii_judge_forget(&reader->judge);
}

static uint32_t lower(uint32_t uid, const struct eii_wanted *wanted)
{
	return !wanted->is_aside && wanted->uid < uid ? wanted->uid : uid;
}

uint32_t eii_reader_lowest(const struct eii_reader *reader)
{
	const struct eii_size_info *next = eii_reader_next(reader);
	uint32_t uid = next ? next->uid : UINT32_MAX;

	for (uint16_t i = 0; i < reader->judge.n; i++)
		uid = lower(uid, &reader->judge.troubled[i]);
	for (uint16_t i = 0; i < reader->n_missing; i++)
		uid = lower(uid, &reader->missing[i]);
	return reader->doing == EII_ORDER_FIND ? lower(uid, &reader->finding) : uid;
}

bool eii_reader_has_work(const struct eii_reader *reader)
{
	return reader->n_plan || reader->n_missing || reader->judge.n;
}

uint64_t eii_reader_grant(const struct eii_wanted *wanted, const struct eii_core_config *config,
			  enum eii_form form)
{
	uint64_t bytes = UNKNOWN_BYTES;

	if (form == EII_FORM_HEAD)
		return config->scan_bytes;
	if (wanted->has_size && wanted->size_bytes >= config->max_mail_bytes)
		bytes = config->max_mail_bytes; /* any number at all may have been said */
	else if (wanted->has_size)
		bytes = wanted->size_bytes + wanted->size_bytes / 8 + MARGIN_BYTES;
	else if (bytes > config->budget_bytes)
		bytes = config->budget_bytes;
	/* A mail over the limit is not taken whole, whatever size it was said to have. */
	return bytes < config->max_mail_bytes ? bytes : config->max_mail_bytes;
}

struct eii_group *eii_reader_group_at(struct eii_reader *reader, uint16_t i)
{
	return &reader->groups[(reader->first_group + i) % EII_READER_GROUPS];
}

struct eii_group *eii_reader_group(struct eii_reader *reader, uint64_t order)
{
	for (uint16_t i = 0; i < reader->n_groups; i++) {
		if (eii_reader_group_at(reader, i)->order == order)
			return eii_reader_group_at(reader, i);
	}
	return NULL;
}

int eii_reader_item(const struct eii_group *group, uint16_t slot)
{
	for (uint16_t i = 0; i < group->n; i++) {
		if (group->items[i].slot == slot && !group->is_done[i])
			return i;
	}
	return -1;
}

void eii_reader_drop_group(struct eii_reader *reader)
{
	EII_INVARIANT(reader->n_groups);
	reader->first_group = (uint16_t)((reader->first_group + 1) % EII_READER_GROUPS);
	reader->n_groups--;
}

void eii_reader_shrink(uint16_t *limit, uint16_t n)
{
	uint16_t half = n > 1 ? n / 2 : 1;

	if (half < *limit)
		*limit = half;
}

static void doubt(struct eii_judge *judge, const struct eii_group *group)
{
	uint32_t first = 0, last = 0;

	for (uint16_t i = 0; i < group->n; i++) {
		if (group->is_done[i])
			continue;
		first = first ? first : group->wanted[i].uid;
		last = group->wanted[i].uid;
	}
	if (last)
		eii_judge_doubt(judge, first, last);
}

void eii_reader_narrow(struct eii_reader *reader, const struct eii_group *group)
{
	if (group->n > 1)
		doubt(&reader->judge, group);
	eii_reader_shrink(&reader->group_limit, group->n);
}

void eii_reader_grow(uint16_t *limit)
{
	*limit = *limit * 2 < EII_CORE_CHUNK_MAILS ? (uint16_t)(*limit * 2) : EII_CORE_CHUNK_MAILS;
}
