/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticate.h"

#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/cleanup.h"
#include "sasl.h"

/* ---- SASL -------------------------------------------------------------- */

/* The token's refusal as JSON in base64; answered by an empty line, then comes NO. */
static void keep_blob(const struct eii_veil *veil, struct eii_imap_attempt *attempt,
		      struct eii_text text)
{
	struct eii_buf blob;

	eii_buf_init(&blob, 4096);
	if (eii_base64_decode(eii_text_trim(text), &blob))
		eii_veil_words(veil, eii_buf_text(&blob), attempt->blob, sizeof(attempt->blob));
	eii_buf_clear(&blob);
}

/* RFC 3501, section 6.2.2: "*" takes the command back; the server says BAD. */
static enum eii_rc cancel(struct eii_imap *imap, struct eii_imap_attempt *attempt,
			  const char *fault, struct eii_error *err)
{
	attempt->fault = fault;
	return eii_imap_write(imap, "*", 1, err);
}

/* The server's first and last message. */
static enum eii_rc answer_scram(struct eii_imap *imap, struct eii_text text,
				struct eii_imap_attempt *attempt, struct eii_error *err)
{
	const char *fault = "its SCRAM answer cannot be read";
	EII_AUTO_STR answer = NULL;
	enum eii_rc rc = EII_OK;
	struct eii_buf message;

	eii_buf_init(&message, EII_SCRAM_MESSAGE_MAX);
	if (eii_base64_decode(eii_text_trim(text), &message)) {
		attempt->is_proven = eii_scram_is_proven(attempt->scram, eii_buf_text(&message));
		if (!attempt->is_proven)
			answer = eii_scram_answer(attempt->scram, eii_buf_text(&message), &fault);
	}
	if (answer) {
		EII_AUTO_STR response = eii_sasl_base64(answer, strlen(answer));

		rc = eii_imap_write(imap, response, strlen(response), err);
	} else if (!attempt->is_proven) {
		rc = cancel(imap, attempt, fault, err);
	}
	eii_buf_clear(&message);
	return rc;
}

static enum eii_rc answer_refusal(struct eii_imap *imap, struct eii_text text,
				  struct eii_imap_attempt *attempt, struct eii_error *err)
{
	keep_blob(&imap->veil, attempt, text);
	if (!attempt->on_refusal)
		return EII_OK;
	return eii_imap_write(imap, attempt->on_refusal, strlen(attempt->on_refusal), err);
}

static enum eii_rc answer_challenge(struct eii_imap *imap, struct eii_text text, void *arg,
				    struct eii_error *err)
{
	struct eii_imap_attempt *attempt = arg;
	const char *next = attempt->first;
	enum eii_rc rc;

	if (!next && !eii_text_trim(text).len)
		next = attempt->again;
	attempt->again = NULL;
	if (next) {
		attempt->first = attempt->second;
		attempt->second = NULL;
		rc = eii_imap_write(imap, next, strlen(next), err);
	} else if (attempt->scram) {
		rc = answer_scram(imap, text, attempt, err);
	} else {
		rc = answer_refusal(imap, text, attempt, err);
	}
	return rc ? rc : eii_imap_write(imap, "\r\n", 2, err);
}

enum eii_imap_form eii_imap_form_of(unsigned capabilities)
{
	return capabilities & EII_IMAP_CAN_SASL_IR ? EII_IMAP_AT_ONCE : EII_IMAP_WHEN_ASKED;
}

enum eii_rc eii_imap_authenticate(struct eii_imap *imap, const char *mechanism,
				  const char *response, enum eii_imap_form form,
				  struct eii_imap_attempt *attempt, enum eii_imap_status *out,
				  struct eii_error *err)
{
	struct eii_imap_handler handler = { .go_on = answer_challenge, .arg = attempt };

	if (!eii_buf_reserve(&imap->command, strlen(response) + 64))
		return eii_imap_fail(imap, "the secret is too long to be sent", err);
	if (strlen(response) > 1)
		eii_veil_add_base64(&imap->veil, eii_text_of(response));
	eii_buf_addf(&imap->command, "AUTHENTICATE %s", mechanism);
	if (form == EII_IMAP_AT_ONCE) {
		eii_buf_add_char(&imap->command, ' ');
		eii_buf_add_str(&imap->command, response);
		attempt->again = response;
	} else {
		attempt->first = response;
	}
	return eii_imap_exchange(imap, EII_IMAP_STEP_SIGN_IN, &handler, out, err);
}

/* ---- LOGIN ------------------------------------------------------------- */

static bool can_be_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

void eii_imap_add_quoted(struct eii_buf *out, const char *text)
{
	eii_buf_add_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			eii_buf_add_char(out, '\\');
		eii_buf_add_char(out, *text);
	}
	eii_buf_add_char(out, '"');
}

/*
 * Quoted where both are plain ASCII, else both as literals: what the first "+"
 * asks for is the user with the announcement of the password behind it.
 */
enum eii_rc eii_imap_log_in(struct eii_imap *imap, const char *user, const char *password,
			    struct eii_imap_attempt *attempt, enum eii_imap_status *out,
			    struct eii_error *err)
{
	struct eii_imap_handler handler = { .go_on = answer_challenge, .arg = attempt };
	EII_AUTO_STR user_line = eii_asprintf("%s {%zu}", user, strlen(password));

	if (!eii_buf_reserve(&imap->command, 2 * (strlen(user) + strlen(password)) + 64))
		return eii_imap_fail(imap, "the secret is too long to be sent", err);
	eii_buf_add_str(&imap->command, "LOGIN ");
	if (can_be_quoted(user) && can_be_quoted(password)) {
		eii_imap_add_quoted(&imap->command, user);
		eii_buf_add_char(&imap->command, ' ');
		eii_imap_add_quoted(&imap->command, password);
	} else {
		eii_buf_addf(&imap->command, "{%zu}", strlen(user));
		attempt->first = user_line;
		attempt->second = password;
	}
	return eii_imap_exchange(imap, EII_IMAP_STEP_SIGN_IN, &handler, out, err);
}
