/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/json_writer.h"
#include "eii/base/timestamp.h"
#include "eii/codec/json.h"

#define RING_TEXT_MAX 16384 /* 512 entries are 10,924 characters */
#define TEXT_MAX      32768

struct eii_mailbox_state *eii_mailbox_state_new(void)
{
	struct eii_mailbox_state *mailbox = EII_NEW(struct eii_mailbox_state);

	mailbox->ring = eii_ring_new();
	return mailbox;
}

void eii_mailbox_state_free(struct eii_mailbox_state *mailbox)
{
	if (!mailbox)
		return;
	eii_ring_free(mailbox->ring);
	free(mailbox);
}

struct eii_mailbox_state *eii_mailbox_state_copy(const struct eii_mailbox_state *mailbox)
{
	struct eii_mailbox_state *copy = EII_NEW(struct eii_mailbox_state);

	*copy = *mailbox;
	copy->ring = mailbox->ring ? eii_ring_copy(mailbox->ring) : eii_ring_new();
	return copy;
}

/* ---- reading ----------------------------------------------------------- */

static bool get_u32(const struct eii_json *object, const char *name, uint32_t *out)
{
	uint64_t number;

	if (!eii_json_as_u64(eii_json_get(object, name), UINT32_MAX, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

static void read_window(const struct eii_json *window, struct eii_mailbox_state *mailbox)
{
	struct eii_text since = eii_text_of(eii_json_get_str(window, "since"));

	mailbox->has_window = get_u32(window, "uidnext", &mailbox->window_uidnext) &&
			      eii_timestamp_parse(since, &mailbox->window_since_s);
}

/* A ring that cannot be read is an empty one: the ids in it only keep mails apart. */
static void read_ring(const struct eii_json *ids, struct eii_mailbox_state *mailbox)
{
	struct eii_ring *ring = eii_ring_parse(eii_text_of(eii_json_as_str(ids, "")));

	if (!ring)
		return;
	eii_ring_free(mailbox->ring);
	mailbox->ring = ring;
}

struct eii_mailbox_state *eii_mailbox_parse(struct eii_text text)
{
	EII_AUTO(eii_mailbox_state) mailbox = eii_mailbox_state_new();
	EII_AUTO(eii_json) json = NULL;
	const struct eii_json *in_hand;

	if (eii_json_parse(text, EII_STATE_MAX_BYTES, &json, NULL))
		return NULL;
	/* Without these two nothing is known; UIDVALIDITY is never 0 (RFC 3501). */
	if (!get_u32(json, "uidvalidity", &mailbox->uidvalidity) || !mailbox->uidvalidity ||
	    !get_u32(json, "cursor", &mailbox->cursor))
		return NULL;
	read_window(eii_json_get(json, "window"), mailbox);
	(void)get_u32(json, "starts", &mailbox->n_starts);
	in_hand = eii_json_get(json, "in_hand");
	(void)get_u32(in_hand, "uid", &mailbox->in_hand_uid);
	(void)get_u32(in_hand, "attempts", &mailbox->in_hand_attempts);
	read_ring(eii_json_get(json, "ids"), mailbox);
	return EII_DETACH(mailbox);
}

/* ---- writing ----------------------------------------------------------- */

static void write_u64(struct eii_json_writer *json, const char *name, uint64_t value)
{
	eii_json_key(json, name);
	eii_json_u64(json, value);
}

static void write_window(struct eii_json_writer *json, const struct eii_mailbox_state *mailbox)
{
	char since[EII_TIMESTAMP_TEXT_BYTES];

	eii_timestamp_format_iso(mailbox->window_since_s, since);
	eii_json_key(json, "window");
	eii_json_object_begin(json);
	eii_json_key(json, "since");
	eii_json_str(json, since);
	write_u64(json, "uidnext", mailbox->window_uidnext);
	eii_json_object_end(json);
}

static void write_in_hand(struct eii_json_writer *json, const struct eii_mailbox_state *mailbox)
{
	eii_json_key(json, "in_hand");
	eii_json_object_begin(json);
	write_u64(json, "uid", mailbox->in_hand_uid);
	write_u64(json, "attempts", mailbox->in_hand_attempts);
	eii_json_object_end(json);
}

static void write_ring(struct eii_json_writer *json, const struct eii_ring *ring)
{
	struct eii_buf text;

	eii_buf_init(&text, RING_TEXT_MAX);
	eii_ring_format(ring, &text);
	eii_json_key(json, "ids");
	eii_json_text(json, eii_buf_text(&text));
	eii_buf_clear(&text);
}

char *eii_mailbox_format(const struct eii_mailbox_state *mailbox)
{
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf out;

	eii_buf_init(&out, TEXT_MAX);
	eii_buf_sink_init(&sink, &out);
	eii_json_writer_init(&json, &sink.base);
	eii_json_object_begin(&json);
	write_u64(&json, "uidvalidity", mailbox->uidvalidity);
	write_u64(&json, "cursor", mailbox->cursor);
	if (mailbox->has_window)
		write_window(&json, mailbox);
	if (mailbox->n_starts)
		write_u64(&json, "starts", mailbox->n_starts);
	if (mailbox->in_hand_uid)
		write_in_hand(&json, mailbox);
	if (mailbox->ring && eii_ring_count(mailbox->ring))
		write_ring(&json, mailbox->ring);
	eii_json_object_end(&json);
	if (eii_json_writer_finish(&json, NULL))
		abort(); /* everything above is of a bounded size */
	return eii_buf_detach(&out);
}
