/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a tree of parts, in both modes: each part is a slice of the mail or of
 * what was decoded of it, the limits hold, and what is said about alternatives and
 * messages hangs together.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eii/mail/message.h"

#include "message_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_part(const struct eii_message *message, const struct eii_part *part)
{
	unsigned char sum = 0;

	require(part->messages <= EII_LIMIT_DEPTH);
	require(part->alternative == EII_NO_INDEX || part->alternative < message->n_alternatives);
	require(memchr(part->type, '/', sizeof(part->type)) != NULL);
	/* All of it is there to be read. */
	for (size_t i = 0; i < part->raw.len; i++)
		sum ^= (unsigned char)part->raw.data[i];
	require(sum == (sum & 0xff));
}

static void read_as(enum eii_content_mode mode, struct eii_text mail)
{
	const struct eii_convert_settings settings = { .content = mode };
	EII_AUTO(eii_fields) fields = eii_fields_new();
	struct eii_message message = { .settings = &settings, .fields = fields, .mail = mail };

	eii_structure_read(&message, mail);
	require(message.n_parts <= EII_LIMIT_PARTS);
	for (size_t i = 0; i < message.n_parts; i++) {
		check_part(&message, &message.parts[i]);
		require(eii_message_end(&message, i) <= message.n_parts);
	}
	/* One alternative is in an earlier one, or in none. */
	for (size_t i = 0; i < message.n_alternatives; i++)
		require(message.alternatives[i].parent == EII_NO_INDEX ||
			message.alternatives[i].parent < i);
	eii_message_clear(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	read_as(EII_CONTENT_SAFE, eii_text(copy, size));
	read_as(EII_CONTENT_VERBATIM, eii_text(copy, size));
	free(copy);
	return 0;
}
