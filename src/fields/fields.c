/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/fields.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

struct eii_fields *eii_fields_new(void)
{
	return EII_NEW(struct eii_fields);
}

void eii_fields_free(struct eii_fields *fields)
{
	if (!fields)
		return;
	for (size_t i = 0; i < fields->n_owned; i++)
		free(fields->owned[i]);
	free(fields->owned);
	free(fields->attachments);
	free(fields);
}

void eii_fields_take(struct eii_fields *fields, void *memory)
{
	fields->owned = eii_realloc(fields->owned, fields->n_owned + 1, sizeof(*fields->owned));
	fields->owned[fields->n_owned++] = memory;
}

struct eii_text eii_fields_keep(struct eii_fields *fields, struct eii_text text)
{
	char *copy = eii_strndup(text.data, text.len);

	eii_fields_take(fields, copy);
	return eii_text(copy, text.len);
}

struct eii_text eii_fields_take_buf(struct eii_fields *fields, struct eii_buf *buf)
{
	size_t len = buf->len;
	char *data = eii_buf_detach(buf);

	eii_fields_take(fields, data);
	return eii_text(data, len);
}

struct eii_attachment *eii_fields_add_attachment(struct eii_fields *fields)
{
	size_t n = fields->n_attachments + 1;

	fields->attachments = eii_realloc(fields->attachments, n, sizeof(*fields->attachments));
	fields->attachments[n - 1] = (struct eii_attachment){ .fate = EII_ATTACHMENT_KEPT };
	fields->n_attachments = n;
	return &fields->attachments[n - 1];
}
