/* SPDX-License-Identifier: Apache-2.0 */
/*
 * email-intel-imap-converter-faulty: the converter as a mail may have left it.
 * It converts like the real one, in the real jail, but a Subject that holds
 * "[fault:NAME]" makes it do what a hostile or broken converter could do, in a
 * full conversion only; "[fault-always:NAME]" in a header scan as well.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/jail/serve.h"

#define CHANNEL_FD 3

/* Where things stand in an answer without attachments: src/fields/wire_private.h. */
#define AT_NUMBER        8
#define AT_BODY_BYTES    16
#define AT_N_ATTACHMENTS (EII_WIRE_ANSWER_HEAD_BYTES + 12)
#define AT_SUBJECT_BYTES (EII_WIRE_ANSWER_HEAD_BYTES + 24)
#define AT_SUBJECT       (EII_WIRE_ANSWER_HEAD_BYTES + 52)

typedef enum eii_rc (*fault)(struct eii_channel *channel, const struct eii_channel_request *request,
			     struct eii_error *err);

static volatile unsigned char *const nowhere; /* NULL */

static enum eii_rc crash(struct eii_channel *channel, const struct eii_channel_request *request,
			 struct eii_error *err)
{
	(void)channel;
	(void)request;
	(void)err;
	*nowhere = 1;
	_exit(0); /* a sanitizer may have caught the write */
}

static enum eii_rc hang(struct eii_channel *channel, const struct eii_channel_request *request,
			struct eii_error *err)
{
	volatile bool is_busy = true;

	(void)channel;
	(void)request;
	(void)err;
	while (is_busy)
		;
	return EII_OK;
}

/* Waits without using any CPU. */
static enum eii_rc stall(struct eii_channel *channel, const struct eii_channel_request *request,
			 struct eii_error *err)
{
	char byte;

	(void)channel;
	(void)request;
	(void)err;
	while (read(CHANNEL_FD, &byte, 1) > 0)
		;
	_exit(0);
}

/* As glib does: takes what it gets, and ends when it gets nothing more. */
static enum eii_rc eat_memory(struct eii_channel *channel,
			      const struct eii_channel_request *request, struct eii_error *err)
{
	const size_t piece = 1024 * 1024;
#ifdef EII_SANITIZED /* no limit is set there: it must not eat the machine */
	size_t left = 64;
#else
	size_t left = SIZE_MAX;
#endif

	(void)channel;
	(void)request;
	(void)err;
	for (; left > 0; left--) {
		char *memory = malloc(piece);

		if (!memory)
			abort();
		memset(memory, 1, piece);
	}
	abort();
}

static enum eii_rc leave(struct eii_channel *channel, const struct eii_channel_request *request,
			 struct eii_error *err)
{
	(void)channel;
	(void)request;
	(void)err;
	_exit(0);
}

/* A true answer with one lie in it: n bytes of value at an offset, sent up to send_bytes. */
struct lie {
	size_t at;
	const char *value;
	size_t n;
	size_t send_bytes; /* 0 = all */
};

static enum eii_rc tell(struct eii_channel *channel, const struct eii_channel_request *request,
			const struct lie *lie, struct eii_error *err)
{
	EII_AUTO(eii_fields) fields = eii_fields_new();
	struct eii_buf_sink sink;
	struct eii_buf answer;
	enum eii_rc rc;

	eii_buf_init(&answer, 1024);
	eii_buf_sink_init(&sink, &answer);
	fields->subject = eii_text_of("a subject");
	rc = eii_wire_answer_write(request->wire.number, fields, SIZE_MAX, &sink.base, err);
	if (rc)
		abort();
	memcpy(answer.data + lie->at, lie->value, lie->n);
	rc = eii_sink_write(eii_channel_sink(channel), answer.data,
			    lie->send_bytes ? lie->send_bytes : answer.len, err);
	eii_buf_clear(&answer);
	if (rc)
		return rc;
	rc = eii_channel_flush(channel, err);
	if (lie->send_bytes)
		_exit(0);
	return rc;
}

#define LIE(name, ...)                                                                             \
	static enum eii_rc name(struct eii_channel *channel,                                       \
				const struct eii_channel_request *request, struct eii_error *err)  \
	{                                                                                          \
		static const struct lie lie = { __VA_ARGS__ };                                     \
                                                                                                   \
		return tell(channel, request, &lie, err);                                          \
	}

LIE(lie_magic, 0, "XXXX", 4, 0)
LIE(lie_number, AT_NUMBER, "\xff\xff\xff\xff", 4, 0)
LIE(lie_size, AT_BODY_BYTES, "\xff\xff\xff\xff\x7f", 5, 0)
LIE(lie_length, AT_SUBJECT_BYTES, "\xf0\xff\xff\xff", 4, 0)
LIE(lie_sum, AT_SUBJECT_BYTES, "\x08", 1, 0)
LIE(lie_count, AT_N_ATTACHMENTS, "\xff\xff\xff\xff", 4, 0)
LIE(lie_utf8, AT_SUBJECT, "\xff", 1, 0)
LIE(lie_nul, AT_SUBJECT, "", 1, 0)
LIE(cut_head, 0, "E", 1, 10)
LIE(cut_body, 0, "E", 1, EII_WIRE_ANSWER_HEAD_BYTES + 20)

static enum eii_rc answer_twice(struct eii_channel *channel,
				const struct eii_channel_request *request, struct eii_error *err)
{
	enum eii_rc rc = eii_serve_answer(channel, request, err);

	return rc ? rc : eii_serve_answer(channel, request, err);
}

static enum eii_rc refuse(struct eii_channel *channel, const struct eii_channel_request *request,
			  struct eii_error *err)
{
	enum eii_rc rc = eii_wire_failure_write(request->wire.number, eii_text_of("I will not"),
						eii_channel_sink(channel), err);

	return rc ? rc : eii_channel_flush(channel, err);
}

/* Answers well, and ends at the next mail. */
static enum eii_rc poison(struct eii_channel *channel, const struct eii_channel_request *request,
			  struct eii_error *err)
{
	struct eii_channel_request next;
	bool has_ended = false;
	enum eii_rc rc = eii_serve_answer(channel, request, err);

	if (rc == EII_OK)
		rc = eii_channel_read(channel, &next, &has_ended, err);
	if (rc || has_ended)
		_exit(0);
	return crash(channel, request, err);
}

static const struct {
	const char *name;
	fault act;
} faults[] = {
	{ "crash", crash },        { "hang", hang },         { "stall", stall },
	{ "memory", eat_memory },  { "leave", leave },       { "magic", lie_magic },
	{ "number", lie_number },  { "size", lie_size },     { "length", lie_length },
	{ "sum", lie_sum },        { "count", lie_count },   { "utf8", lie_utf8 },
	{ "nul", lie_nul },        { "cut-head", cut_head }, { "cut-body", cut_body },
	{ "twice", answer_twice }, { "refuse", refuse },     { "poison", poison },
};

/* The fault that the text names after the mark, or NULL. */
static fault find_after(struct eii_text mail, const char *mark)
{
	const char *found = eii_text_find(mail, mark);
	size_t left;

	if (!found)
		return NULL;
	found += strlen(mark);
	left = mail.len - (size_t)(found - mail.data);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		size_t n = strlen(faults[i].name);

		if (left > n && memcmp(found, faults[i].name, n) == 0 && found[n] == ']')
			return faults[i].act;
	}
	return NULL;
}

static fault find_fault(const struct eii_channel_request *request)
{
	fault always = find_after(request->mail, "[fault-always:");

	if (always || request->wire.mode == EII_CONVERT_SCAN)
		return always;
	return find_after(request->mail, "[fault:");
}

int main(int argc, char **argv)
{
	EII_AUTO(eii_channel) channel = eii_channel_new(CHANNEL_FD);
	uint64_t address_space_bytes = 0;
	struct eii_error err;
	enum eii_rc rc;

	if (argc != 2 || !eii_text_to_u64(eii_text_of(argv[1]), UINT64_MAX, &address_space_bytes))
		return EXIT_FAILURE;
	rc = eii_serve_prepare(channel, CHANNEL_FD, address_space_bytes, &err);
	while (rc == EII_OK) {
		struct eii_channel_request request;
		bool has_ended = false;
		fault act;

		rc = eii_channel_read(channel, &request, &has_ended, &err);
		if (rc || has_ended)
			break;
		act = find_fault(&request);
		rc = act ? act(channel, &request, &err) : eii_serve_answer(channel, &request, &err);
	}
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
