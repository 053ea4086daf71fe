/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/codec/hash.h"

/* After the converter could not be started. */
#define CONVERTER_RETRY_MS 1000

/* ---- into the converter ------------------------------------------------ */

static enum eii_submit submit_mode(const struct eii_mail *mail)
{
	return mail->form == EII_MAIL_WHOLE && !mail->given_up ? EII_SUBMIT_FULL
							       : EII_SUBMIT_FALLBACK_ONLY;
}

static void submit_waiting(struct eii_publish *p)
{
	struct eii_converter *converter = p->options.converter;

	/* A stop: what is not in the converter yet comes again at the next start. */
	if (eii_publish_is_stopping(p))
		return;
	while (p->waiting.first && eii_converter_has_room(converter, p->waiting.first->raw_len)) {
		struct eii_mail *mail = eii_mail_list_pop(&p->waiting);

		mail->number = p->next_conversion++;
		eii_mail_list_push(&p->converting, mail);
		eii_converter_submit(converter, mail->number, eii_text(mail->raw, mail->raw_len),
				     submit_mode(mail));
	}
}

static void advance_converter(struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();
	struct eii_error err;
	enum eii_rc rc;

	if (now < p->converter_due_ms)
		return;
	rc = eii_converter_advance(p->options.converter, now, &err);
	atomic_store(&p->options.stats->n_converter_restarts,
		     eii_converter_restarts(p->options.converter));
	atomic_store(&p->options.stats->n_converter_replacements,
		     eii_converter_replacements(p->options.converter));
	if (rc == EII_OK) {
		if (eii_converter_pid(p->options.converter))
			p->n_converter_failures = 0;
		return;
	}
	if (p->options.mode == EII_PUBLISH_ONCE &&
	    ++p->n_converter_failures >= p->options.max_tries) {
		eii_publish_trouble(p, TROUBLE_GAVE_UP, &err);
		return;
	}
	p->converter_due_ms = now + CONVERTER_RETRY_MS;
	EII_LOG(ERROR, "converter.not_started", "The converter cannot be started",
		EII_STR("reason", err.text), EII_STR("next", "retry"),
		EII_I64("delay_ms", CONVERTER_RETRY_MS));
}

/* ---- fields -> report -------------------------------------------------- */

struct why {
	const char *text; /* NULL = the mail was converted */
	unsigned reason;  /* of enum eii_fallback_reason, or the converter's */
};

static struct why why_fallback(const struct eii_mail *mail, enum eii_fallback converter)
{
	if (mail->form == EII_MAIL_FACTS)
		return (struct why){ "the mail server does not hand the mail out",
				     EII_FALLBACK_REASON_NOT_FETCHED };
	if (mail->given_up)
		return (struct why){ "the connector was ended twice while it worked on the mail",
				     EII_FALLBACK_REASON_GIVEN_UP };
	if (mail->form == EII_MAIL_HEAD)
		return (struct why){ "the mail is larger than EMAIL_INTEL_IMAP_MAX_MAIL_BYTES",
				     EII_FALLBACK_REASON_OVER_LIMIT };
	if (converter == EII_FALLBACK_NONE)
		return (struct why){ NULL, EII_FALLBACK_NONE };
	return (struct why){ eii_fallback_text(converter), converter };
}

static void count_conversion(struct eii_publish *p, const struct eii_mail *mail,
			     const struct eii_conversion *conversion, const struct why *why)
{
	EII_COUNT(p->options.stats, n_converted);
	for (size_t i = 0; i < conversion->fields->n_attachments; i++)
		EII_COUNT(p->options.stats, n_attachments[conversion->fields->attachments[i].fate]);
	if (!why->text)
		return;
	EII_COUNT(p->options.stats, n_fallbacks[why->reason]);
	p->n_run_fallbacks++;
	EII_LOG(WARN, "mail.fallback", "The mail becomes a report without its content",
		EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("uid", mail->uid),
		EII_TEXT("message_id", conversion->fields->message_id),
		EII_STR("reason", why->text), EII_STR("detail", conversion->detail));
}

/* What stands below the header; all of it where no empty line ends one. */
static struct eii_text body_of(const struct eii_mail *mail)
{
	const char *end = mail->raw ? mail->raw + mail->raw_len : NULL;
	const char *at = mail->raw;

	while (at && at < end) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			break;
		at++;
		if (at < end && *at == '\r')
			at++;
		if (at < end && *at == '\n')
			return eii_text(at + 1, (size_t)(end - at) - 1);
	}
	return eii_text(mail->raw, mail->raw_len);
}

/* Message-ID and body: what makes two deliveries one mail. */
static void identity_of(const struct eii_mail *mail, const struct eii_fields *fields,
			uint8_t out[EII_RING_IDENTITY_BYTES])
{
	struct eii_text body = body_of(mail);
	struct eii_sha256 *hash = eii_sha256_new();

	eii_sha256_add(hash, fields->message_id.data, fields->message_id.len);
	eii_sha256_add(hash, "", 1);
	eii_sha256_add(hash, body.data, body.len);
	eii_sha256_finish(hash, out);
}

/* Once for a mail: a report that is made again keeps what it had. */
static void assign_milliseconds(struct eii_publish *p, struct eii_mail *mail,
				const struct eii_fields *fields)
{
	uint8_t identity[EII_RING_IDENTITY_BYTES];
	char id[EII_ID_BYTES];

	if (mail->milliseconds >= 0)
		return;
	eii_report_plain_id(fields, mail->internal_unix_s, id);
	identity_of(mail, fields, identity);
	mail->milliseconds =
		(int)eii_ring_assign(p->ring, p->options.ring_mode, id, identity, mail->uid);
}

static enum eii_rc make_report(struct eii_publish *p, struct eii_mail *mail,
			       const struct eii_fields *fields, const char *fallback,
			       struct eii_error *err)
{
	struct eii_queue_port *queue = p->options.queue;
	struct eii_report_source source = {
		.fields = fields,
		.uidvalidity = p->place.uidvalidity,
		.uid = mail->uid,
		.internal_unix_s = mail->internal_unix_s,
		.mail_bytes = mail->size_bytes,
		.raw = eii_text(mail->raw, mail->raw_len),
		.raw_is_partial = mail->form != EII_MAIL_WHOLE,
		.fallback = fallback,
		.milliseconds = (unsigned)mail->milliseconds,
		.now_us = eii_clock_unix_us(),
		.envelope_bytes = queue->message_bytes(queue, p->work_id, 0),
		.max_message_bytes = mail->message_limit,
		.platform = {
			.content_member = p->traits.content_member,
			.file_version = p->traits.file_version,
			.files_first = p->traits.files_first,
		},
	};

	return eii_report_new(p->options.report, &source, &p->held_report, err);
}

static void free_held(struct eii_publish *p)
{
	eii_report_free(p->held_report);
	eii_fields_free(p->held_fields);
	p->held_report = NULL;
	p->held_fields = NULL;
	p->held = NULL;
	p->held_index = 0;
}

/* Not even its bare facts fit: the one mail that no report can be made of. */
static void give_up(struct eii_publish *p, struct eii_mail *mail, const struct eii_error *err)
{
	EII_LOG(ERROR, "mail.no_report", "No report of the mail fits the broker's limit",
		EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("uid", mail->uid),
		EII_STR("reason", err->text));
	free_held(p);
	EII_COUNT(p->options.stats, n_no_report);
	p->n_run_fallbacks++;
	eii_publish_settle(p, mail);
}

/* The next result of the converter becomes the report that is held for sending. */
static bool take_result(struct eii_publish *p)
{
	struct eii_conversion conversion;
	struct eii_mail *mail;
	struct eii_error err;
	struct why why;

	if (!p->work_id || !eii_converter_next(p->options.converter, &conversion))
		return false;
	mail = eii_mail_list_pop(&p->converting);
	why = why_fallback(mail, conversion.reason);
	count_conversion(p, mail, &conversion, &why);
	p->held = mail;
	p->held_fields = conversion.fields;
	p->held_index = 0;
	assign_milliseconds(p, mail, conversion.fields);
	if (make_report(p, mail, conversion.fields, why.text, &err)) {
		give_up(p, mail, &err);
		return true;
	}
	mail->n_messages = eii_report_n_messages(p->held_report);
	/* Each message after the first is one more than was planned for the mail. */
	if (mail->n_messages > 1 && mail->n_credits == 0) {
		p->n_demand += mail->n_messages - 1;
		p->counts_at_once = true;
	}
	return true;
}

/* ---- report -> message ------------------------------------------------- */

static bool has_credit_for(const struct eii_publish *p, const struct eii_mail *mail)
{
	/* A message that goes again has been counted already. */
	return p->held_index < mail->n_credits || eii_publish_has_credit(p);
}

static void use_credit(struct eii_publish *p, struct eii_mail *mail)
{
	if (p->held_index < mail->n_credits)
		return;
	mail->n_credits++;
	p->n_used++;
	if (!p->first_work_uid)
		p->first_work_uid = mail->uid;
	p->last_work_uid = mail->uid;
}

static void log_sent(const struct eii_publish *p, const struct eii_mail *mail)
{
	EII_LOG(INFO, "mail.sent", "Report sent to the queue",
		EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("uid", mail->uid),
		EII_TEXT("message_id", p->held_fields->message_id),
		EII_STR("report", eii_report_id(p->held_report)),
		EII_U64("files", eii_report_n_files(p->held_report)),
		EII_U64("left_out", eii_report_n_left_out(p->held_report)));
}

/* Sends what is held as far as that may go now; false when it has to wait. */
static bool send_held(struct eii_publish *p)
{
	struct eii_mail *mail = p->held;
	struct eii_error err;

	while (p->held_index < mail->n_messages) {
		if (!p->work_id || !has_credit_for(p, mail) || !eii_publish_can_send(p))
			return false;
		use_credit(p, mail);
		if (eii_publish_send_report(p, mail, p->held_report, p->held_index, &err))
			return false; /* the connection is down: from its first message again */
		p->held_index++;
	}
	log_sent(p, mail);
	EII_COUNT(p->options.stats, n_sent);
	EII_COUNT_BY(p->options.stats, n_files_left_out, eii_report_n_left_out(p->held_report));
	mail->is_sent = true;
	free_held(p);
	return true;
}

void eii_publish_line(struct eii_publish *p)
{
	for (;;) {
		EII_BEAT(p->options.stats, publish_beat_ms);
		submit_waiting(p);
		advance_converter(p);
		if (p->trouble != TROUBLE_NONE && p->trouble != TROUBLE_STOPPED)
			return;
		if (!p->held && !take_result(p))
			return;
		if (p->held && !send_held(p))
			return;
		/* Confirms are read between two messages, so that the window stays open. */
		eii_publish_outcomes(p);
	}
}

bool eii_publish_line_is_empty(const struct eii_publish *p)
{
	return !p->waiting.first && !p->converting.first && !p->held;
}

void eii_publish_settle(struct eii_publish *p, struct eii_mail *mail)
{
	EII_COUNT(p->options.stats, n_confirmed);
	eii_times_add(&p->options.stats->mail_times, eii_clock_monotonic_ms() - mail->fetched_ms);
	p->n_settled++;
	p->n_reports++;
	eii_cursor_settle(p->cursor, mail->uid);
	if (mail->uid == p->in_hand_uid) {
		p->in_hand_uid = 0;
		p->in_hand_attempts = 0;
	}
	eii_publish_place_moved(p);
	eii_budget_release(p->options.budget, mail->reserved);
	eii_mail_free(mail);
}

static void drop_list(struct eii_publish *p, struct eii_mail_list *list)
{
	for (;;) {
		struct eii_mail *mail = eii_mail_list_pop(list);

		if (!mail)
			return;
		eii_budget_release(p->options.budget, mail->reserved);
		eii_mail_free(mail);
	}
}

void eii_publish_drop_line(struct eii_publish *p)
{
	struct eii_mail *held = p->held;

	eii_converter_drop(p->options.converter);
	free_held(p);
	if (held && held->n_slots == 0) {
		eii_budget_release(p->options.budget, held->reserved);
		eii_mail_free(held);
	} else if (held) {
		/* Half of it is under way: it is dropped with the rest when that ends. */
		held->is_sent = true;
		held->n_messages = EII_REPORT_MAX_MESSAGES;
	}
	drop_list(p, &p->waiting);
	drop_list(p, &p->converting);
}
