/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include "eii/base/timestamp.h"

void eii_bundle_begin(struct eii_json_writer *json, const char *id, unsigned nb_deps)
{
	eii_json_object_begin(json);
	eii_bundle_member(json, "type", "bundle");
	eii_bundle_member(json, "id", id);
	eii_bundle_member(json, "spec_version", "2.1");
	if (nb_deps) {
		eii_json_key(json, "x_opencti_seq");
		eii_json_u64(json, nb_deps);
	}
	eii_json_key(json, "objects");
	eii_json_array_begin(json);
}

void eii_bundle_end(struct eii_json_writer *json)
{
	eii_json_array_end(json);
	eii_json_object_end(json);
}

void eii_bundle_object_end(struct eii_json_writer *json, unsigned nb_deps)
{
	if (nb_deps) {
		eii_json_key(json, "nb_deps");
		eii_json_u64(json, nb_deps);
	}
	eii_json_object_end(json);
}

void eii_bundle_member(struct eii_json_writer *json, const char *key, const char *value)
{
	eii_json_key(json, key);
	eii_json_str(json, value);
}

void eii_bundle_instant(struct eii_json_writer *json, const char *key, int64_t unix_us)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];
	int64_t us = unix_us < 0 ? 0 : unix_us;

	eii_timestamp_format(us / 1000000, (unsigned)(us / 1000 % 1000), text);
	eii_bundle_member(json, key, text);
}
