/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is around every object: the bundle of one that pycti's splitter makes, or the one
 * that it is made of; and instants as STIX writes them.
 */
#ifndef EII_STIX_BUNDLE_H
#define EII_STIX_BUNDLE_H

#include <stdint.h>

#include "eii/base/json_writer.h"
#include "eii/stix/author.h"
#include "eii/stix/marking.h"

/* nb_deps of the splitter: 1 and those of all that an object refers to. */
#define NB_DEPS_NONE   0 /* before the splitter: no such member, in bundle or object */
#define NB_DEPS_ALONE  1 /* author, marking */
#define NB_DEPS_REPORT 3 /* refers to both; one more for each further marking */

/* The caller writes the object in between. */
void eii_bundle_begin(struct eii_json_writer *json, const char *id, unsigned nb_deps);
void eii_bundle_end(struct eii_json_writer *json);
void eii_bundle_object_end(struct eii_json_writer *json, unsigned nb_deps);

/* The objects that reports refer to; author: NULL = the default one; marking is a TLP level. */
void eii_author_write(struct eii_json_writer *json, const struct eii_author *author,
		      int64_t created_us, unsigned nb_deps);
void eii_marking_write(struct eii_json_writer *json, const struct eii_marking *marking,
		       int64_t created_us, unsigned nb_deps);

void eii_bundle_member(struct eii_json_writer *json, const char *key, const char *value);
void eii_bundle_instant(struct eii_json_writer *json, const char *key, int64_t unix_us);

#endif
