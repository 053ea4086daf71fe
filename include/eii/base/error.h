/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How functions fail: a code that says what the caller does next, and a text
 * that says what happened, for an operator to read.
 */
#ifndef EII_BASE_ERROR_H
#define EII_BASE_ERROR_H

#include <stdbool.h>

#define EII_MUST_CHECK     __attribute__((warn_unused_result))
#define EII_PRINTF(fmt, n) __attribute__((format(printf, fmt, n)))
#define EII_ERROR_TEXT_MAX 512

enum eii_rc {
	EII_OK = 0, /* done; outputs are written */
	EII_RETRY,  /* nothing consumed; may work later */
	EII_REJECT, /* this input will never work */
	EII_FATAL,  /* the process cannot work: configuration or credentials */
};

/* Why a caller may want to tell one failure of a code from another. */
enum eii_error_kind {
	EII_ERROR_OTHER = 0,
	EII_ERROR_CREDENTIALS, /* a server refused who we are (exit code 77) */
	EII_ERROR_CONFIG,      /* a setting is wrong (exit code 78) */
	EII_ERROR_STOPPED,     /* the process was asked to end */
	EII_ERROR_UNREACHABLE, /* a server did not answer (exit code 69) */
	EII_ERROR_STORAGE,     /* a directory cannot be written */
};

struct eii_error {
	enum eii_error_kind kind;
	/*
	 * What was met does not fit a setting (an address, a port, TLS, an authority):
	 * a broken stream, or another in the server's place for a while, shows the same.
	 */
	bool is_doubtful;
	char text[EII_ERROR_TEXT_MAX]; /* UTF-8, one line, never a secret */
};

/*
 * Writes the text (cut at EII_ERROR_TEXT_MAX - 1 bytes, control characters
 * become '?') and returns rc, so that a function fails by
 * `return eii_fail(err, EII_RETRY, "connect %s: %s", host, why)`.
 * err may be NULL.
 */
enum eii_rc eii_fail(struct eii_error *err, enum eii_rc rc, const char *format, ...)
	EII_PRINTF(3, 4);

/* The same with a kind other than EII_ERROR_OTHER. */
enum eii_rc eii_fail_kind(struct eii_error *err, enum eii_rc rc, enum eii_error_kind kind,
			  const char *format, ...) EII_PRINTF(4, 5);

/* The same for what is_doubtful says. */
enum eii_rc eii_fail_doubtful(struct eii_error *err, enum eii_rc rc, enum eii_error_kind kind,
			      const char *format, ...) EII_PRINTF(4, 5);

/* Puts "context: " in front of the text that a callee has written; returns rc. */
enum eii_rc eii_fail_in(struct eii_error *err, enum eii_rc rc, const char *format, ...)
	EII_PRINTF(3, 4);

#endif
