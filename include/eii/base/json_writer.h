/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON written as it goes, into a sink. The writer places commas, quotes and
 * escapes (", \ and control characters only; everything else stays UTF-8); the
 * caller opens and closes objects and arrays in the right order. The first
 * failure of the sink stays; ask once by eii_json_writer_finish().
 */
#ifndef EII_BASE_JSON_WRITER_H
#define EII_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"

#define EII_JSON_WRITER_HOLD 4096 /* bytes gathered before the sink is called */

struct eii_json_writer {
	struct eii_sink *sink; /* borrowed */
	enum eii_rc rc;
	struct eii_error error;
	bool comma_due;
	size_t n_held;
	char held[EII_JSON_WRITER_HOLD];
};

void eii_json_writer_init(struct eii_json_writer *json, struct eii_sink *sink);

/* Writes out what is held; the first failure of all calls so far. */
enum eii_rc eii_json_writer_finish(struct eii_json_writer *json,
				   struct eii_error *err) EII_MUST_CHECK;

void eii_json_object_begin(struct eii_json_writer *json);
void eii_json_object_end(struct eii_json_writer *json);
void eii_json_array_begin(struct eii_json_writer *json);
void eii_json_array_end(struct eii_json_writer *json);

/* A member's name; its value is written next. The name needs no escapes. */
void eii_json_key(struct eii_json_writer *json, const char *name);

/* The text is valid UTF-8. */
void eii_json_text(struct eii_json_writer *json, struct eii_text text);
void eii_json_str(struct eii_json_writer *json, const char *string);
void eii_json_u64(struct eii_json_writer *json, uint64_t number);
void eii_json_i64(struct eii_json_writer *json, int64_t number);
enum eii_json_word { EII_JSON_NULL, EII_JSON_FALSE, EII_JSON_TRUE };
void eii_json_word(struct eii_json_writer *json, enum eii_json_word word);

/* Bytes as they are: a value, or a piece of one, that is JSON already. */
void eii_json_raw(struct eii_json_writer *json, struct eii_text text);

/* A string in pieces: begin, any number of pieces, end. */
void eii_json_string_begin(struct eii_json_writer *json);
void eii_json_string_add(struct eii_json_writer *json, struct eii_text piece);
void eii_json_string_end(struct eii_json_writer *json);

/* A string that holds the base64 of the bytes. */
void eii_json_base64(struct eii_json_writer *json, const void *data, size_t len);

#endif
