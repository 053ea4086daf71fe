/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one JSON object a line on standard error, with the keys of the
 * official helper (timestamp, level, name, message, attributes), or its plain
 * form "LEVEL:name:message" (OPENCTI_JSON_LOGGING=false). From any thread; who
 * logs writes the line, or hands it to a thread of its own. Text of a mail is
 * escaped like any other: a mail cannot forge a line. Never log a secret or a
 * mail's body.
 */
#ifndef EII_BASE_LOG_H
#define EII_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/text.h"

enum eii_log_level { EII_LOG_DEBUG, EII_LOG_INFO, EII_LOG_WARN, EII_LOG_ERROR };
enum eii_log_format { EII_LOG_JSON, EII_LOG_PLAIN };

enum eii_log_field_type {
	EII_LOG_FIELD_STR,
	EII_LOG_FIELD_TEXT,
	EII_LOG_FIELD_I64,
	EII_LOG_FIELD_U64
};

struct eii_log_field {
	const char *key;
	enum eii_log_field_type type;
	struct eii_text text;
	int64_t i64;
	uint64_t u64;
};

/* Once, before threads start. name is copied. */
void eii_log_init(enum eii_log_level level, enum eii_log_format format, const char *name);

bool eii_log_enabled(enum eii_log_level level);

/* event is the stable name, `<module>.<past verb>`; use EII_LOG below. */
void eii_log_write(enum eii_log_level level, const char *event, const char *message,
		   const struct eii_log_field *fields, size_t n_fields);

/* For a person at a terminal: goes out as it is, between the lines. */
void eii_log_terminal(const char *text);

/*
 * From now on lines wait for the thread that runs eii_log_run(), so that nobody
 * who logs waits for a reader of standard error; beyond 1 MiB they are dropped,
 * and their number is said. finish ends that thread: false where it could not
 * write all in time (then nothing more is written, and it may stand still).
 */
void eii_log_defer(void);
void *eii_log_run(void *unused);
bool eii_log_finish(int wait_ms);

/*
 * EII_LOG(WARN, "amqp.nacked", "Broker refused the message", EII_STR("exchange", name),
 *         EII_U64("tag", tag));
 */
#define EII_LOG(level, event, message, ...)                                                        \
	do {                                                                                       \
		const struct eii_log_field fields_[] = { __VA_ARGS__ };                            \
		if (eii_log_enabled(EII_LOG_##level))                                              \
			eii_log_write(EII_LOG_##level, event, message, fields_,                    \
				      sizeof(fields_) / sizeof(fields_[0]));                       \
	} while (0)

/* The same without fields. */
#define EII_LOG_PLAINLY(level, event, message)                                                     \
	do {                                                                                       \
		if (eii_log_enabled(EII_LOG_##level))                                              \
			eii_log_write(EII_LOG_##level, event, message, NULL, 0);                   \
	} while (0)

/* Field values: a C string (NULL is left out), a text (repaired to UTF-8), whole numbers. */
#define EII_STR(name_, value)                                                                      \
	{                                                                                          \
		.key = (name_), .type = EII_LOG_FIELD_STR, .text = eii_text_of(value)              \
	}
#define EII_TEXT(name_, value)                                                                     \
	{                                                                                          \
		.key = (name_), .type = EII_LOG_FIELD_TEXT, .text = (value)                        \
	}
#define EII_I64(name_, value)                                                                      \
	{                                                                                          \
		.key = (name_), .type = EII_LOG_FIELD_I64, .i64 = (value)                          \
	}
#define EII_U64(name_, value)                                                                      \
	{                                                                                          \
		.key = (name_), .type = EII_LOG_FIELD_U64, .u64 = (value)                          \
	}

#endif
