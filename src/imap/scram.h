/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side: the password stays here,
 * and the server proves that it knows it as well. Messages are SASL's own, before
 * base64.
 */
#ifndef EII_IMAP_SCRAM_H
#define EII_IMAP_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define EII_SCRAM_ITERATIONS_MIN 4096    /* RFC 7677, section 4 */
#define EII_SCRAM_ITERATIONS_MAX 1000000 /* some tenths of a second of ours */
#define EII_SCRAM_BINDING_BYTES  32      /* RFC 9266: tls-exporter */
#define EII_SCRAM_MESSAGE_MAX    8192

struct eii_scram;

/*
 * binding: EII_SCRAM_BINDING_BYTES of this TLS connection (the -PLUS form), or NULL.
 * nonce: NULL = a random one. All is copied.
 */
struct eii_scram *eii_scram_new(const char *user, const char *password,
				const unsigned char *binding, const char *nonce);
void eii_scram_free(struct eii_scram *scram);
EII_DEFINE_AUTO(eii_scram);

/* The first message. Borrowed. */
const char *eii_scram_first(const struct eii_scram *scram);

/*
 * The answer to the server's first message, for the caller to free(). NULL: it
 * makes no sense or asks for too little or too much work; why says it.
 */
char *eii_scram_answer(struct eii_scram *scram, struct eii_text server_first, const char **why);

/* Whether the server's last message proves that it knows the password. */
bool eii_scram_is_proven(struct eii_scram *scram, struct eii_text server_last);

#endif
