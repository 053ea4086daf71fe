/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/id.h"

#include <errno.h>
#include <stdio.h>

#include "eii/base/buf.h"
#include "eii/base/die.h"
#include "eii/base/json_writer.h"
#include "eii/codec/lower.h"
#include "eii/codec/uuid.h"

#define NAME_MAX_BYTES      1048576u
#define CANONICAL_MAX_BYTES 8388608u

/* opencti's, 00abedb4-aa42-466c-9c01-fed23315a9b7. */
static const uint8_t name_space[EII_UUID_BYTES] = {
	0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
	0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7
};

/* The members in the order that canonical JSON (RFC 8785) sorts them into. */
struct canonical {
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf text;
};

static void begin(struct canonical *c)
{
	eii_buf_init(&c->text, CANONICAL_MAX_BYTES);
	eii_buf_sink_init(&c->sink, &c->text);
	eii_json_writer_init(&c->json, &c->sink.base);
	eii_json_object_begin(&c->json);
}

static void add(struct canonical *c, const char *key, struct eii_text value)
{
	eii_json_key(&c->json, key);
	eii_json_text(&c->json, value);
}

static void add_name(struct canonical *c, struct eii_text name)
{
	struct eii_buf lower;

	eii_buf_init(&lower, NAME_MAX_BYTES);
	eii_lower(eii_lower_trim(name), &lower);
	if (!eii_buf_ok(&lower))
		eii_die("memory", ENOMEM);
	add(c, "name", eii_buf_text(&lower));
	eii_buf_clear(&lower);
}

static void finish(struct canonical *c, const char *type, char out[EII_ID_BYTES])
{
	char uuid[EII_UUID_TEXT_BYTES];

	eii_json_object_end(&c->json);
	/* Names are cut far below the ceilings above: nothing but memory can lack. */
	if (eii_json_writer_finish(&c->json, NULL))
		eii_die("memory", ENOMEM);
	eii_uuid_v5(name_space, eii_buf_text(&c->text), uuid);
	(void)snprintf(out, EII_ID_BYTES, "%s--%s", type, uuid);
	eii_buf_clear(&c->text);
}

void eii_id_report(struct eii_text name, const char *published, char out[EII_ID_BYTES])
{
	struct canonical c;

	begin(&c);
	add_name(&c, name);
	add(&c, "published", eii_text_of(published));
	finish(&c, "report", out);
}

void eii_id_identity(struct eii_text name, const char *identity_class, char out[EII_ID_BYTES])
{
	struct canonical c;

	begin(&c);
	add(&c, "identity_class", eii_text_of(identity_class));
	add_name(&c, name);
	finish(&c, "identity", out);
}

void eii_id_marking(struct eii_text type, struct eii_text name, char out[EII_ID_BYTES])
{
	struct canonical c;

	begin(&c);
	add(&c, "definition", name);
	add(&c, "definition_type", type);
	finish(&c, "marking-definition", out);
}

void eii_id_bundle(char out[EII_ID_BYTES])
{
	char uuid[EII_UUID_TEXT_BYTES];

	eii_uuid_v4(uuid);
	(void)snprintf(out, EII_ID_BYTES, "bundle--%s", uuid);
}
