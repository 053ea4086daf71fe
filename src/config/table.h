/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the table of settings.
 */
#ifndef EII_CONFIG_TABLE_H
#define EII_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/text.h"
#include "eii/config/config.h"
#include "eii/config/secret.h"

enum eii_section {
	EII_SECTION_OPENCTI,
	EII_SECTION_CONNECTOR,
	EII_SECTION_MAIL,
	EII_SECTION_MQ,
	EII_SECTION_NETWORK,
	EII_SECTION_COUNT,
};

/* What a value is, and the member that it goes to. */
enum eii_setting_type {
	EII_TYPE_TEXT,         /* const char * */
	EII_TYPE_URL,          /* const char *, http or https */
	EII_TYPE_PROXY,        /* const char *; may hold a password */
	EII_TYPE_TUNNEL,       /* const char *: a proxy for any TCP; may hold a password */
	EII_TYPE_FILE_OR_PEM,  /* const char * */
	EII_TYPE_BOOL,         /* bool */
	EII_TYPE_BOOL_OR_FILE, /* bool; the file's name goes to second_offset */
	EII_TYPE_SWITCH,       /* enum eii_config_switch */
	EII_TYPE_PORT,         /* uint16_t */
	EII_TYPE_U32,          /* uint32_t */
	EII_TYPE_U64,          /* uint64_t */
	EII_TYPE_DURATION,     /* uint32_t, seconds */
	EII_TYPE_CHOICE,       /* an enum: the choice's value */
	EII_TYPE_WORD,         /* const char *: the choice's own word */
	EII_TYPE_MARKING,  /* const char *: the choice's own word, or a marking as it is given */
	EII_TYPE_TYPES,    /* const struct eii_text *; the count goes to second_offset */
	EII_TYPE_PATTERNS, /* struct eii_patterns */
	EII_TYPE_RULES,    /* struct eii_rules; the text, or its file by the form `_FILE` */
	EII_TYPE_SECRET,   /* none: see config/secret.h */
	EII_TYPE_COUNT,
};

enum eii_setting_flag {
	EII_SETTING_REQUIRED = 1,      /* to run */
	EII_SETTING_SHAPES = 2,        /* a report: convert reads it */
	EII_SETTING_ASKED = 4,         /* health reads it */
	EII_SETTING_IN_SAMPLE = 16,    /* stands in the sample as if given */
	EII_SETTING_LOWER_NAME = 8,    /* its variable is also known in lower case (http_proxy) */
	EII_SETTING_LIST = 32,         /* with commas; a list in YAML */
	EII_SETTING_IN_CATALOGUE = 64, /* asked for where the platform's manager deploys it */
};

struct eii_choice {
	const char *word;
	unsigned value;
};

struct eii_setting {
	const char *variable;
	enum eii_section section;
	enum eii_setting_type type;
	size_t offset;                    /* into struct eii_config */
	size_t second_offset;             /* 0 = none */
	const char *standard;             /* the default in words of the setting; NULL = none */
	uint64_t min, max;                /* of numbers */
	const struct eii_choice *choices; /* ended by a NULL word */
	enum eii_secret secret;
	unsigned flags;     /* of enum eii_setting_flag */
	const char *sample; /* what the sample shows where there is no default; may be NULL */
	const char *help;   /* one line */
};

/* What becomes of a run where it is set all the same. */
enum eii_idle_weight {
	EII_IDLE_NAMED,   /* it goes on: a warning */
	EII_IDLE_SAID,    /* it goes on, and lacks something: said at each start, at any level */
	EII_IDLE_REFUSED, /* reports would go where they must not */
};

/* A variable of the official helper that has no meaning here. */
struct eii_idle_setting {
	const char *variable;
	const char *harmless; /* the value that changes nothing; NULL = any */
	const char *why;
	enum eii_idle_weight weight;
};

extern const struct eii_setting eii_table[];
extern const size_t eii_table_len;
extern const struct eii_idle_setting eii_idle_table[];
extern const size_t eii_idle_table_len;

#define EII_TABLE_MAX 96 /* rows; a test holds the table to it */

/* "opencti". */
const char *eii_section_name(enum eii_section section);

/* False for a section that there is not. */
bool eii_section_find(const char *name, enum eii_section *out);

/* The key of a variable in its section: what follows the section's prefix (any case). */
const char *eii_section_key(enum eii_section section, const char *variable);

/* The key as it stands in an INI file, in lower case; for the caller to free(). */
char *eii_setting_key(const struct eii_setting *setting);

/* Whether a variable begins with a section's prefix ("MQ_"); network has none. */
bool eii_section_has_variable(enum eii_section section, const char *variable);

/* What a value may be, in words: "a whole number within 1 and 65535". */
void eii_setting_accepted(const struct eii_setting *setting, char *out, size_t size);

#endif
