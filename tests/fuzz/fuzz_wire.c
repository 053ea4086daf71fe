/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that one side of the wire reads from the other. The first byte
 * chooses: r = a ready word, q = a request, a = an answer's head, f = the body
 * of a full answer, s = of a header scan. What is accepted as fields must come
 * back the same when it is written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/fields/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void read_ready(const uint8_t *data, size_t size)
{
	struct eii_wire_ready ready;

	if (size >= EII_WIRE_READY_BYTES)
		(void)!eii_wire_ready_decode(data, &ready, NULL);
}

static void read_request(const uint8_t *data, size_t size)
{
	struct eii_wire_request request;
	const struct eii_convert_settings *settings = &request.settings;
	struct eii_text *words = NULL;
	struct eii_text rest;

	if (size < EII_WIRE_REQUEST_HEAD_BYTES || eii_wire_request_decode(data, &request, NULL))
		return;
	rest = eii_text((const char *)data + EII_WIRE_REQUEST_HEAD_BYTES,
			size - EII_WIRE_REQUEST_HEAD_BYTES);
	if (request.words_bytes > rest.len ||
	    eii_wire_request_words(&request, eii_text(rest.data, request.words_bytes), &words,
				   NULL))
		return;
	for (size_t i = 0; i < settings->n_types; i++)
		require(settings->types[i].data + settings->types[i].len <=
			rest.data + request.words_bytes);
	free(words);
}

static void read_answer(const uint8_t *data, size_t size)
{
	struct eii_wire_answer answer;

	if (size >= EII_WIRE_ANSWER_HEAD_BYTES &&
	    eii_wire_answer_decode(data, 1000, &answer, NULL) == EII_OK)
		require(answer.body_bytes <= 1000);
}

/* NULL where they are refused. */
static struct eii_fields *decode(const char *body, size_t size, enum eii_convert_mode mode)
{
	const struct eii_wire_expected expected = {
		.mode = mode, .asks_tlp = true, .mail_bytes = size, .max_file_bytes = size
	};
	struct eii_fields *fields = NULL;
	char *copy = eii_strndup(body, size);

	if (eii_wire_fields_decode(copy, size, &expected, &fields, NULL))
		free(copy);
	return fields;
}

static void read_fields(const uint8_t *data, size_t size, enum eii_convert_mode mode)
{
	EII_AUTO(eii_fields) fields = decode((const char *)data, size, mode);
	EII_AUTO(eii_fields) again = NULL;
	struct eii_buf_sink sink;
	struct eii_buf wire;

	if (!fields)
		return;
	eii_buf_init(&wire, size + EII_WIRE_ANSWER_HEAD_BYTES);
	eii_buf_sink_init(&sink, &wire);
	require(eii_wire_answer_write(1, fields, size, &sink.base, NULL) == EII_OK);
	require(wire.len == size + EII_WIRE_ANSWER_HEAD_BYTES);
	again = decode(wire.data + EII_WIRE_ANSWER_HEAD_BYTES, size, mode);
	require(again && again->n_attachments == fields->n_attachments);
	require(eii_text_equal(again->content, fields->content));
	require(eii_text_equal(again->subject, fields->subject));
	eii_buf_clear(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'r':
		read_ready(data + 1, size - 1);
		break;
	case 'q':
		read_request(data + 1, size - 1);
		break;
	case 'a':
		read_answer(data + 1, size - 1);
		break;
	case 'f':
		read_fields(data + 1, size - 1, EII_CONVERT_FULL);
		break;
	case 's':
		read_fields(data + 1, size - 1, EII_CONVERT_SCAN);
		break;
	default:
		break;
	}
	return 0;
}
