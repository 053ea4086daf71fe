/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML files of the official connector (config.yml), as PyYAML's safe loader reads
 * them: one document, a mapping of sections, each a mapping of keys; anchors, aliases
 * and merge keys (<<). Of a key given twice the later one counts, of a section too,
 * whole. No tags beyond the standard's texts, lists and mappings.
 */
#ifndef EII_CONFIG_YAML_FILE_H
#define EII_CONFIG_YAML_FILE_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/config/problems.h"
#include "table.h"

/* Keys, merged keys and list entries of one file: an alias costs as much as what it stands for. */
#define EII_YAML_ENTRIES_MAX 10000
#define EII_YAML_MERGES_MAX  8     /* merge keys within what a merge key names */
#define EII_YAML_DEPTH_MAX   16    /* lists and mappings within each other */
#define EII_YAML_NODES_MAX   40000 /* texts, lists, mappings, aliases and their ends */

enum eii_yaml_kind {
	EII_YAML_QUOTED, /* a text, as the next; in quotation marks or a block */
	EII_YAML_PLAIN,  /* without: it may mean a number or nothing */
	EII_YAML_LIST,   /* of texts: with commas between; "," is an empty one */
	EII_YAML_NESTED, /* a mapping, or a list of something else: value is "" */
};

/* Borrowed by the taker. */
struct eii_yaml_entry {
	enum eii_section section;
	const char *key;
	const char *value;
	enum eii_yaml_kind kind;
	size_t line; /* of the key */
};

struct eii_yaml_taker {
	void (*take)(void *arg, const struct eii_yaml_entry *entry);
	/* A key of the first level that is no section of ours. */
	void (*unknown)(void *arg, const char *name, size_t line);
	void *arg;
};

/*
 * Hands every key over. What is wrong is added to problems, with its line.
 * EII_REJECT: the file cannot be read.
 */
enum eii_rc eii_yaml_read(const char *path, const struct eii_yaml_taker *taker,
			  struct eii_problems *problems, struct eii_error *err) EII_MUST_CHECK;

#endif
