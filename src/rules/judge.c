/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/rules/judge.h"

#include <string.h>

#include "eii/base/buf.h"
#include "eii/codec/lower.h"
#include "eii/fields/limits.h"

/* What the patterns are compared with, in lower case. */
struct lowered {
	struct eii_buf sender, recipients, subject, folder;
};

#define LOWER_GROWTH 3 /* lower case makes some characters longer, at most so much */

static void lower(struct eii_text text, size_t max, struct eii_buf *out)
{
	eii_buf_init(out, max * LOWER_GROWTH);
	eii_lower(text, out);
}

static void lower_all(const struct eii_judged_mail *mail, struct lowered *out)
{
	lower(mail->fields->sender, EII_LIMIT_ADDRESS_BYTES, &out->sender);
	lower(mail->fields->recipients, EII_LIMIT_RECIPIENTS_BYTES, &out->recipients);
	lower(mail->fields->subject, EII_LIMIT_SUBJECT_BYTES, &out->subject);
	lower(mail->folder, mail->folder.len, &out->folder);
}

static void clear(struct lowered *lowered)
{
	eii_buf_clear(&lowered->sender);
	eii_buf_clear(&lowered->recipients);
	eii_buf_clear(&lowered->subject);
	eii_buf_clear(&lowered->folder);
}

static bool match(const struct eii_patterns *patterns, const struct eii_buf *text)
{
	return eii_patterns_match(patterns, eii_buf_text(text));
}

/* Whether any line of the list matches. */
static bool match_lines(const struct eii_patterns *patterns, const struct eii_buf *list)
{
	struct eii_text rest = eii_buf_text(list);

	while (rest.len) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;

		if (eii_patterns_match(patterns, eii_text(rest.data, len)))
			return true;
		len += end ? 1 : 0;
		rest = eii_text(rest.data + len, rest.len - len);
	}
	return false;
}

/* ---- filters ----------------------------------------------------------- */

static enum eii_left_out by_header(const struct eii_selection *selection,
				   const struct eii_judged_mail *mail,
				   const struct lowered *lowered)
{
	const struct eii_filters *filters = selection->filters;

	if (!mail->has_headers)
		return EII_LEFT_OUT_NOT;
	if (selection->authority && mail->fields->authentication != EII_AUTHENTICATION_PASSED)
		return EII_LEFT_OUT_AUTHENTICATION;
	if (filters->senders.n && !match(&filters->senders, &lowered->sender))
		return EII_LEFT_OUT_SENDER;
	if (filters->recipients.n && !match_lines(&filters->recipients, &lowered->recipients))
		return EII_LEFT_OUT_RECIPIENT;
	if (filters->subjects.n && !match(&filters->subjects, &lowered->subject))
		return EII_LEFT_OUT_SUBJECT;
	return EII_LEFT_OUT_NOT;
}

static enum eii_left_out by_facts(const struct eii_filters *filters,
				  const struct eii_judged_mail *mail)
{
	if (filters->max_bytes && mail->size_bytes > filters->max_bytes)
		return EII_LEFT_OUT_SIZE;
	if (filters->max_age_s &&
	    mail->internal_unix_s < mail->now_unix_s - (int64_t)filters->max_age_s)
		return EII_LEFT_OUT_AGE;
	return EII_LEFT_OUT_NOT;
}

/* ---- rules ------------------------------------------------------------- */

static bool takes_header(const struct eii_rule *rule, const struct eii_judged_mail *mail,
			 const struct lowered *lowered)
{
	bool is_passed = mail->fields->authentication == EII_AUTHENTICATION_PASSED;

	if (!mail->has_headers && (rule->from.n || rule->to.n || rule->subject.n))
		return false;
	if (rule->authenticated && is_passed != (rule->authenticated == EII_RULE_ASKED_YES))
		return false;
	return (!rule->from.n || match(&rule->from, &lowered->sender)) &&
	       (!rule->to.n || match_lines(&rule->to, &lowered->recipients)) &&
	       (!rule->subject.n || match(&rule->subject, &lowered->subject));
}

static const struct eii_rule *find_rule(const struct eii_rules *rules,
					const struct eii_judged_mail *mail,
					const struct lowered *lowered)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct eii_rule *rule = &rules->items[i];

		if (rule->folder.n && !match(&rule->folder, &lowered->folder))
			continue;
		if (takes_header(rule, mail, lowered))
			return rule;
	}
	return NULL;
}

static bool asks_for_anything(const struct eii_selection *selection)
{
	const struct eii_filters *filters = selection->filters;

	return selection->authority || selection->rules->n || filters->senders.n ||
	       filters->recipients.n || filters->subjects.n || filters->max_bytes ||
	       filters->max_age_s;
}

struct eii_verdict eii_judge(const struct eii_selection *selection,
			     const struct eii_judged_mail *mail)
{
	struct eii_verdict verdict = { .left_out = EII_LEFT_OUT_NOT };
	struct lowered lowered;

	if (!asks_for_anything(selection))
		return verdict;
	lower_all(mail, &lowered);
	verdict.left_out = by_header(selection, mail, &lowered);
	if (!verdict.left_out)
		verdict.left_out = by_facts(selection->filters, mail);
	if (!verdict.left_out)
		verdict.rule = find_rule(selection->rules, mail, &lowered);
	if (verdict.rule && verdict.rule->is_import_refused)
		verdict.left_out = EII_LEFT_OUT_RULE;
	clear(&lowered);
	return verdict;
}

/* ---- words ------------------------------------------------------------- */

const char *eii_left_out_word(enum eii_left_out reason)
{
	static const char *const words[EII_LEFT_OUTS] = {
		[EII_LEFT_OUT_NOT] = "",
		[EII_LEFT_OUT_AUTHENTICATION] = "authentication",
		[EII_LEFT_OUT_SENDER] = "sender",
		[EII_LEFT_OUT_RECIPIENT] = "recipient",
		[EII_LEFT_OUT_SUBJECT] = "subject",
		[EII_LEFT_OUT_SIZE] = "size",
		[EII_LEFT_OUT_AGE] = "age",
		[EII_LEFT_OUT_RULE] = "rule",
	};

	return words[reason];
}

static const char *authentication_words(enum eii_authentication verdict)
{
	switch (verdict) {
	case EII_AUTHENTICATION_NO_RESULT:
		return "the mail server says nothing of its sender";
	case EII_AUTHENTICATION_NO_ONE_SENDER:
		return "it has not exactly one sender";
	case EII_AUTHENTICATION_NOT_ASKED:
	case EII_AUTHENTICATION_PASSED:
	case EII_AUTHENTICATION_FAILED:
		break;
	}
	return "the mail server does not vouch for its sender";
}

const char *eii_left_out_words(enum eii_left_out reason, const struct eii_fields *fields)
{
	static const char *const words[EII_LEFT_OUTS] = {
		[EII_LEFT_OUT_NOT] = "",
		[EII_LEFT_OUT_AUTHENTICATION] = "",
		[EII_LEFT_OUT_SENDER] = "its sender is not among EMAIL_INTEL_IMAP_SENDERS",
		[EII_LEFT_OUT_RECIPIENT] = "none it is to is among EMAIL_INTEL_IMAP_RECIPIENTS",
		[EII_LEFT_OUT_SUBJECT] = "its subject is not among EMAIL_INTEL_IMAP_SUBJECTS",
		[EII_LEFT_OUT_SIZE] = "it is over EMAIL_INTEL_IMAP_SIZE_LIMIT_BYTES",
		[EII_LEFT_OUT_AGE] = "it is older than EMAIL_INTEL_IMAP_AGE_LIMIT",
		[EII_LEFT_OUT_RULE] = "a rule does not import it",
	};

	if (reason == EII_LEFT_OUT_AUTHENTICATION)
		return authentication_words(fields->authentication);
	return words[reason];
}
