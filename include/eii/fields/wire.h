/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between connector and converter: one stream socket pair, requests
 * one way, answers the other, in the same order, one answer for each request.
 * All numbers are little-endian and unsigned unless said otherwise.
 *
 *   ready    magic "EIIR", version u16, flags u16, landlock ABI u32, missing charsets u32
 *   request  head of EII_WIRE_REQUEST_HEAD_BYTES, then words (each one length u8 and
 *            bytes): the authority where one is asked for, the MIME types; then the mail's bytes
 *   answer   head of EII_WIRE_ANSWER_HEAD_BYTES, then a body: status FIELDS has
 *            a fixed block, one entry for each attachment, then the bytes of all
 *            texts and files in that order; status FAILED has a text that says why
 *
 * Texts travel as raw UTF-8 and files as raw bytes, each length first. The
 * connector reads an answer as hostile input: every length, count and enum is
 * checked, the sum of the lengths is the body's length to the byte, texts are
 * UTF-8 without NUL, and the mail's number is that of the request.
 *
 * Both programs come from one build; EII_WIRE_VERSION grows with each change,
 * so that a mixed installation is refused at the ready word.
 */
#ifndef EII_FIELDS_WIRE_H
#define EII_FIELDS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"
#include "eii/fields/limits.h"
#include "eii/fields/request.h"

#define EII_WIRE_VERSION            5
#define EII_WIRE_READY_BYTES        16
#define EII_WIRE_REQUEST_HEAD_BYTES 48
#define EII_WIRE_ANSWER_HEAD_BYTES  24
#define EII_WIRE_WORDS_MAX_BYTES    UINT32_C(65536) /* all words of a request */
#define EII_WIRE_FAILURE_MAX_BYTES  511             /* the text of a failed conversion */

/* ---- ready: the converter's first word, sent when its jail is closed ------ */

struct eii_wire_ready {
	bool is_relaxed;           /* no full jail: a sanitizer's build, or valgrind */
	uint32_t landlock_abi;     /* 0 = the kernel has none, seccomp alone */
	uint32_t missing_charsets; /* of those that are held open for mails */
};

void eii_wire_ready_encode(const struct eii_wire_ready *ready,
			   unsigned char out[EII_WIRE_READY_BYTES]);

/* Fails with EII_REJECT: another program, or one of another version. */
enum eii_rc eii_wire_ready_decode(const unsigned char data[EII_WIRE_READY_BYTES],
				  struct eii_wire_ready *out, struct eii_error *err) EII_MUST_CHECK;

/* ---- request -------------------------------------------------------------- */

struct eii_wire_request {
	uint64_t number; /* the mail's, given back by its answer */
	enum eii_convert_mode mode;
	uint64_t mail_bytes;
	struct eii_convert_settings settings; /* its words are set by eii_wire_request_words() */
	uint32_t words_bytes;                 /* between the head and the mail */
	bool has_authority;
};

/*
 * Adds head and words to out; the mail's bytes follow on the wire. Types
 * above EII_LIMIT_MIME_TYPE_BYTES are left out: no part can have them. Fails
 * with EII_FATAL when the words pass EII_WIRE_WORDS_MAX_BYTES, or the authority
 * EII_LIMIT_AUTHORITY_BYTES.
 */
enum eii_rc eii_wire_request_encode(uint64_t number, enum eii_convert_mode mode,
				    const struct eii_convert_settings *settings,
				    uint64_t mail_bytes, struct eii_buf *out,
				    struct eii_error *err) EII_MUST_CHECK;

/* The converter's side; fails with EII_REJECT. Leaves the words of settings empty. */
enum eii_rc eii_wire_request_decode(const unsigned char head[EII_WIRE_REQUEST_HEAD_BYTES],
				    struct eii_wire_request *out,
				    struct eii_error *err) EII_MUST_CHECK;

/*
 * Splits the words_bytes after the head into authority and types of *settings,
 * which point into data; *out is what settings->types begins in, for the caller to
 * free(). Both must live as long as the settings. Fails with EII_REJECT.
 */
enum eii_rc eii_wire_request_words(struct eii_wire_request *request, struct eii_text data,
				   struct eii_text **out, struct eii_error *err) EII_MUST_CHECK;

/* ---- answer --------------------------------------------------------------- */

enum eii_wire_status {
	EII_WIRE_FIELDS,
	EII_WIRE_FAILED, /* the mail could not be converted; the body is a text */
};

struct eii_wire_answer {
	uint64_t number;
	enum eii_wire_status status;
	uint64_t body_bytes;
};

/* The largest body that the answer to a mail of this size may have. */
uint64_t eii_wire_answer_max_bytes(uint64_t mail_bytes);

/*
 * Writes a whole answer: small pieces gathered, big ones handed on as they are,
 * never copied. Texts beyond their ceiling in limits.h are cut at a character.
 * Fails with EII_REJECT, before the first byte, when the body would pass
 * max_bytes; else as the sink does.
 */
enum eii_rc eii_wire_answer_write(uint64_t number, const struct eii_fields *fields,
				  uint64_t max_bytes, struct eii_sink *sink,
				  struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_wire_failure_write(uint64_t number, struct eii_text why, struct eii_sink *sink,
				   struct eii_error *err) EII_MUST_CHECK;

/* Fails with EII_REJECT on a wrong magic, version, status, or a body over max_bytes. */
enum eii_rc eii_wire_answer_decode(const unsigned char head[EII_WIRE_ANSWER_HEAD_BYTES],
				   uint64_t max_bytes, struct eii_wire_answer *out,
				   struct eii_error *err) EII_MUST_CHECK;

/* What the answer was asked for, and so what it may hold. */
struct eii_wire_expected {
	enum eii_convert_mode mode; /* SCAN: no content, no attachments */
	bool has_authority;         /* what the receiving server says was asked for */
	bool asks_tlp;              /* and what the mail says of itself */
	uint64_t mail_bytes;
	uint64_t max_file_bytes; /* of a file that is KEPT */
};

/*
 * Checks a body of status FIELDS. On success the fields own body (from
 * malloc()), and their texts are views into it; on EII_REJECT it stays the
 * caller's.
 */
enum eii_rc eii_wire_fields_decode(char *body, size_t len, const struct eii_wire_expected *expected,
				   struct eii_fields **out, struct eii_error *err) EII_MUST_CHECK;

#endif
