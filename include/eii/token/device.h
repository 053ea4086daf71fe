/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's consent by device code (RFC 8628): what is shown to the user, and when the token
 * endpoint is asked next. It has no clock and no connection of its own.
 */
#ifndef EII_TOKEN_DEVICE_H
#define EII_TOKEN_DEVICE_H

#include <stdint.h>

#include "eii/base/error.h"

struct eii_json;

#define EII_DEVICE_INTERVAL_S     5   /* where the answer names none (section 3.2) */
#define EII_DEVICE_SLOWER_S       5   /* more after slow_down, for good (section 3.5) */
#define EII_DEVICE_INTERVAL_MAX_S 60  /* whatever is named, or comes of backing off */
#define EII_DEVICE_LIFE_S         900 /* where the answer names none */
#define EII_DEVICE_LIFE_MAX_S     3600

struct eii_device {
	char *code; /* a secret; owned, as the next */
	char *user_code;
	char *address;       /* https, where the user enters it */
	uint32_t interval_s; /* between two questions, at least 1 */
	int64_t ask_at_ms;   /* of the caller's clock */
	int64_t end_ms;      /* the code is worth nothing after it */
};

/*
 * Reads the device endpoint's answer of now_ms. EII_REJECT: it is none, or holds what may
 * not be shown on a terminal.
 */
enum eii_rc eii_device_read(const struct eii_json *answer, int64_t now_ms, struct eii_device *out,
			    struct eii_error *err) EII_MUST_CHECK;
void eii_device_clear(struct eii_device *device);

enum eii_device_step {
	EII_DEVICE_WAIT,     /* ask again at ask_at_ms */
	EII_DEVICE_DECLINED, /* by the user */
	EII_DEVICE_EXPIRED,
	EII_DEVICE_REFUSED, /* for another reason: the answer says which */
};

/* error: the word of an answer without a token at now_ms; NULL = there was no answer. */
enum eii_device_step eii_device_heed(struct eii_device *device, const char *error, int64_t now_ms);

#endif
