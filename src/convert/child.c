/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "eii/base/utf8.h"

void eii_child_adopt(struct eii_child *child, struct eii_process process)
{
	child->process = process;
	child->ready = (struct eii_wire_ready){ 0 };
	child->is_ready = false;
	child->n_answered = 0;
	child->is_drained = false;
	child->in_at = 0;
	child->in_len = 0;
}

struct eii_process_end eii_child_finish(struct eii_child *child)
{
	free(child->body);
	child->body = NULL;
	return eii_process_finish(&child->process);
}

/* EII_CHILD_READY stands for: *out bytes came. */
static enum eii_child_event receive(struct eii_child *child, char *data, size_t len, size_t *out)
{
	ssize_t n;

	if (child->is_drained)
		return EII_CHILD_WAIT;
	do {
		n = recv(child->process.fd, data, len, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return EII_CHILD_WAIT;
	/* ECONNRESET: it ended with requests unread. */
	if (n <= 0)
		return EII_CHILD_ENDED;
	child->is_drained = (size_t)n < len;
	*out = (size_t)n;
	return EII_CHILD_READY;
}

/* EII_CHILD_READY stands for: n bytes are there, at in + in_at. */
static enum eii_child_event gather(struct eii_child *child, size_t n)
{
	if (child->in_at == child->in_len)
		child->in_at = child->in_len = 0;
	if (child->in_at + n > EII_CHILD_BUFFER_BYTES) {
		child->in_len -= child->in_at;
		memmove(child->in, child->in + child->in_at, child->in_len);
		child->in_at = 0;
	}
	while (child->in_len - child->in_at < n) {
		size_t got = 0;
		enum eii_child_event event = receive(child, child->in + child->in_len,
						     EII_CHILD_BUFFER_BYTES - child->in_len, &got);

		if (event != EII_CHILD_READY)
			return event;
		child->in_len += got;
	}
	return EII_CHILD_READY;
}

static const unsigned char *unread(const struct eii_child *child)
{
	return (const unsigned char *)child->in + child->in_at;
}

/* Words of a converter, which may be a mail's: for one line of a log. */
static void fail_with_words(struct eii_text words, struct eii_error *err)
{
	if (!eii_utf8_is_valid(words))
		words = eii_text_of("(not UTF-8)");
	(void)eii_fail(err, EII_REJECT, "%.*s", EII_TEXT_ARGS(words));
}

/* In the ready word's place, a failure says why there is none. */
static enum eii_child_event read_refusal(struct eii_child *child, struct eii_error *err)
{
	enum eii_child_event event = gather(child, EII_WIRE_ANSWER_HEAD_BYTES);
	struct eii_wire_answer answer;

	if (event != EII_CHILD_READY)
		return event;
	if (eii_wire_answer_decode(unread(child), EII_WIRE_FAILURE_MAX_BYTES, &answer, NULL) ||
	    answer.status != EII_WIRE_FAILED)
		return EII_CHILD_NONSENSE;
	event = gather(child, EII_WIRE_ANSWER_HEAD_BYTES + (size_t)answer.body_bytes);
	if (event != EII_CHILD_READY)
		return event;
	fail_with_words(eii_text((const char *)unread(child) + EII_WIRE_ANSWER_HEAD_BYTES,
				 (size_t)answer.body_bytes),
			err);
	return EII_CHILD_FAILED;
}

static enum eii_child_event read_ready(struct eii_child *child, struct eii_error *err)
{
	enum eii_child_event event = gather(child, EII_WIRE_READY_BYTES);

	if (event != EII_CHILD_READY)
		return event;
	if (eii_wire_ready_decode(unread(child), &child->ready, err))
		return read_refusal(child, err);
	child->in_at += EII_WIRE_READY_BYTES;
	child->is_ready = true;
	return EII_CHILD_READY;
}

/* The head, and the memory for what it announces. */
static enum eii_child_event begin_answer(struct eii_child *child,
					 const struct eii_child_expected *expected,
					 struct eii_error *err)
{
	enum eii_child_event event = gather(child, expected ? EII_WIRE_ANSWER_HEAD_BYTES : 1);
	uint64_t max_bytes;
	size_t len;

	if (event != EII_CHILD_READY)
		return event;
	if (!expected) {
		(void)eii_fail(err, EII_REJECT, "an answer that nobody asked for");
		return EII_CHILD_NONSENSE;
	}
	max_bytes = eii_wire_answer_max_bytes(expected->wire.mail_bytes);
	if (eii_wire_answer_decode(unread(child), max_bytes, &child->answer, err))
		return EII_CHILD_NONSENSE;
	child->in_at += EII_WIRE_ANSWER_HEAD_BYTES;
	if (child->answer.number != expected->number) {
		(void)eii_fail(err, EII_REJECT, "an answer for another mail");
		return EII_CHILD_NONSENSE;
	}
	len = (size_t)child->answer.body_bytes;
	child->body = malloc(len ? len : 1);
	if (!child->body) {
		(void)eii_fail(err, EII_REJECT, "no memory for an answer of %zu bytes", len);
		return EII_CHILD_FAILED;
	}
	child->body_got = 0;
	return EII_CHILD_READY;
}

/* What the buffer has of the body, then the rest straight into its memory. */
static enum eii_child_event read_body(struct eii_child *child)
{
	size_t len = (size_t)child->answer.body_bytes;
	size_t n = child->in_len - child->in_at;

	if (n > len - child->body_got)
		n = len - child->body_got;
	memcpy(child->body + child->body_got, child->in + child->in_at, n);
	child->in_at += n;
	child->body_got += n;
	while (child->body_got < len) {
		size_t missing = len - child->body_got;
		size_t got = 0;
		enum eii_child_event event;

		/* The last piece through the buffer: the next answer may come with it. */
		if (missing < EII_CHILD_BUFFER_BYTES) {
			event = gather(child, missing);
			if (event != EII_CHILD_READY)
				return event;
			memcpy(child->body + child->body_got, child->in + child->in_at, missing);
			child->in_at += missing;
			child->body_got = len;
			break;
		}
		event = receive(child, child->body + child->body_got, missing, &got);
		if (event != EII_CHILD_READY)
			return event;
		child->body_got += got;
	}
	return EII_CHILD_READY;
}

static enum eii_child_event finish_answer(struct eii_child *child,
					  const struct eii_child_expected *expected,
					  struct eii_fields **out_fields, struct eii_error *err)
{
	size_t len = (size_t)child->answer.body_bytes;
	char *body = EII_DETACH(child->body);

	if (child->answer.status == EII_WIRE_FAILED) {
		fail_with_words(eii_text(body, len), err);
		free(body);
		return EII_CHILD_FAILED;
	}
	if (eii_wire_fields_decode(body, len, &expected->wire, out_fields, err)) {
		free(body);
		return EII_CHILD_NONSENSE;
	}
	child->n_answered++;
	return EII_CHILD_ANSWER;
}

enum eii_child_event eii_child_read(struct eii_child *child,
				    const struct eii_child_expected *expected,
				    struct eii_fields **out_fields, struct eii_error *err)
{
	enum eii_child_event event;

	if (!child->is_ready)
		return read_ready(child, err);
	if (!child->body) {
		event = begin_answer(child, expected, err);
		if (event != EII_CHILD_READY)
			return event;
	}
	event = read_body(child);
	if (event != EII_CHILD_READY)
		return event;
	return finish_answer(child, expected, out_fields, err);
}
