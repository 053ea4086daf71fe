/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids as the platform computes them: UUIDv5 over the canonical JSON of what
 * makes an object the same (opencti's namespace; names trimmed and in lower case
 * as JavaScript does both).
 */
#ifndef EII_STIX_ID_H
#define EII_STIX_ID_H

#include "eii/base/text.h"

#define EII_ID_BYTES 64 /* "marking-definition--" and a UUID are 57 with the NUL */

/* published as "2026-08-20T13:56:00.000Z"; another form gives another id. */
void eii_id_report(struct eii_text name, const char *published, char out[EII_ID_BYTES]);
void eii_id_identity(struct eii_text name, const char *identity_class, char out[EII_ID_BYTES]);
/* Not of a TLP level, whose ids are fixed. */
void eii_id_marking(struct eii_text type, struct eii_text name, char out[EII_ID_BYTES]);

/* A new random one each time. */
void eii_id_bundle(char out[EII_ID_BYTES]);

#endif
