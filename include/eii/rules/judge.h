/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a mail becomes a report, and by which rule. What it is told of the mail was read in
 * the jail and checked; here it is compared with what the operator wrote, and nothing else.
 */
#ifndef EII_RULES_JUDGE_H
#define EII_RULES_JUDGE_H

#include "eii/fields/fields.h"
#include "eii/rules/rules.h"

/* Why no report is made of a mail, in the order in which it is looked at. */
enum eii_left_out {
	EII_LEFT_OUT_NOT,
	EII_LEFT_OUT_AUTHENTICATION,
	EII_LEFT_OUT_SENDER,
	EII_LEFT_OUT_RECIPIENT,
	EII_LEFT_OUT_SUBJECT,
	EII_LEFT_OUT_SIZE,
	EII_LEFT_OUT_AGE,
	EII_LEFT_OUT_RULE,
	EII_LEFT_OUTS, /* how many there are */
};

/* Borrowed, as what it points to. */
struct eii_selection {
	const struct eii_filters *filters;
	const struct eii_rules *rules;
	const char *authority; /* whose word on the sender is asked for; NULL = nobody's */
};

struct eii_judged_mail {
	const struct eii_fields *fields;
	bool has_headers;        /* false: nothing of it could be read, and it has no sender */
	struct eii_text folder;  /* UTF-8 */
	uint64_t size_bytes;     /* 0 = unknown */
	int64_t internal_unix_s; /* INTERNALDATE */
	int64_t now_unix_s;
};

struct eii_verdict {
	enum eii_left_out left_out;
	const struct eii_rule *rule; /* that took it; NULL = none */
};

/*
 * A mail of which nothing could be read passes whatever asks for its header, and no rule that
 * asks for it takes it: that it was withheld has to be seen.
 */
struct eii_verdict eii_judge(const struct eii_selection *selection,
			     const struct eii_judged_mail *mail);

/* "sender": the label of a metric. */
const char *eii_left_out_word(enum eii_left_out reason);

/* For a log, with the sender's verdict where that is the reason: "its sender is not among ...". */
const char *eii_left_out_words(enum eii_left_out reason, const struct eii_fields *fields);

#endif
