/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "eii/base/alloc.h"
#include "file.h"
#include "loaded.h"
#include "rules_text.h"
#include "sign_in.h"
#include "sources.h"
#include "value.h"

struct loading {
	struct eii_loaded *loaded;
	struct eii_given *given;
	struct eii_problems *problems;
	enum eii_config_purpose purpose;
	const char *const *environment;
};

static bool is_wanted(const struct loading *loading, const struct eii_setting *setting)
{
	switch (loading->purpose) {
	case EII_CONFIG_TO_CONVERT:
		return (setting->flags & EII_SETTING_SHAPES) != 0;
	case EII_CONFIG_TO_ASK:
		return (setting->flags & EII_SETTING_ASKED) != 0;
	case EII_CONFIG_TO_LOG_IN:
		return setting->section == EII_SECTION_NETWORK ||
		       (setting->section == EII_SECTION_MAIL && setting->type != EII_TYPE_SECRET &&
			!(setting->flags & EII_SETTING_SHAPES));
	case EII_CONFIG_TO_RUN:
		break;
	}
	return true;
}

/* What the table says is right by itself; a test loads nothing but it. */
static void store_standard(const struct loading *loading, size_t row)
{
	const char *standard = eii_table[row].standard;

	if (standard && !eii_value_store(loading->loaded, row, standard))
		abort();
}

static void say_missing(const struct loading *loading, const struct eii_setting *setting)
{
	EII_AUTO_STR key = eii_setting_key(setting);

	eii_problems_add(loading->problems, EII_PROBLEM_WRONG,
			 "%s is not given (as variable, or %s in section [%s]): %s",
			 setting->variable, key, eii_section_name(setting->section), setting->help);
}

static void take_origin(const struct loading *loading, size_t row, struct eii_given_value *value)
{
	struct eii_origin *origin = &loading->loaded->origins[row];

	origin->where = EII_DETACH(value->where);
	origin->over = EII_DETACH(value->over);
}

static void load_value(const struct loading *loading, size_t row)
{
	struct eii_given_value *value = &loading->given->values[row];
	const struct eii_setting *setting = &eii_table[row];
	EII_AUTO_STR shown = NULL;
	char accepted[256];

	if (!value->text) {
		if (loading->purpose == EII_CONFIG_TO_RUN &&
		    (setting->flags & EII_SETTING_REQUIRED))
			say_missing(loading, setting);
		return;
	}
	if (eii_value_store(loading->loaded, row, value->text)) {
		eii_check_quotes(setting->variable, value->text, value->where, loading->problems);
		take_origin(loading, row, value);
		return;
	}
	shown = eii_value_shown(setting, value->text);
	eii_setting_accepted(setting, accepted, sizeof(accepted));
	eii_problems_add(loading->problems, EII_PROBLEM_WRONG, "%s (%s): '%s' is not %s%s",
			 setting->variable, value->where, shown, accepted,
			 eii_value_hint(value->text));
}

static void say_both(const struct loading *loading, const struct eii_setting *setting,
		     const struct eii_given_value *value, const struct eii_given_value *file)
{
	eii_problems_add(loading->problems, EII_PROBLEM_WRONG,
			 "%s (%s) and %s_FILE (%s): only one of the two may be given",
			 setting->variable, value->where, setting->variable, file->where);
}

static void load_secret(const struct loading *loading, size_t row)
{
	const struct eii_setting *setting = &eii_table[row];
	struct eii_given_value *value = &loading->given->values[row];
	struct eii_given_value *file = &loading->given->files[row];
	struct eii_secret_source *source = &loading->loaded->secrets.sources[setting->secret];

	source->variable = setting->variable;
	if (value->text && file->text) {
		say_both(loading, setting, value, file);
		return;
	}
	source->value = EII_DETACH(value->text);
	source->file = EII_DETACH(file->text);
	if (eii_secret_is_given(&loading->loaded->config, setting->secret))
		eii_check_secret(&loading->loaded->config, setting->secret,
				 source->file ? file->where : value->where, loading->problems);
	else if (setting->flags & EII_SETTING_REQUIRED)
		say_missing(loading, setting);
	take_origin(loading, row, source->file ? file : value);
}

/* The text of the rules, for the caller to free(); NULL where it cannot be read. */
static char *rules_text(const struct loading *loading, const struct eii_setting *setting,
			const struct eii_given_value *file)
{
	struct eii_buf text;
	struct eii_error err;

	eii_buf_init(&text, EII_FILE_SETTINGS_MAX);
	if (eii_file_read(file->text, &text, &err)) {
		eii_problems_add(loading->problems, EII_PROBLEM_WRONG, "%s_FILE (%s): %s",
				 setting->variable, file->where, err.text);
		eii_buf_clear(&text);
		return NULL;
	}
	eii_buf_add_char(&text, '\n');
	return eii_buf_detach(&text);
}

static void load_rules(const struct loading *loading, size_t row)
{
	const struct eii_setting *setting = &eii_table[row];
	struct eii_given_value *value = &loading->given->values[row];
	struct eii_given_value *file = &loading->given->files[row];
	struct eii_loaded *loaded = loading->loaded;

	if (value->text && file->text) {
		say_both(loading, setting, value, file);
		return;
	}
	if (!value->text && !file->text)
		return;
	loaded->rules_text =
		file->text ? rules_text(loading, setting, file) : EII_DETACH(value->text);
	if (!loaded->rules_text)
		return;
	eii_rules_text_read(eii_text_of(loaded->rules_text), file->text ? file->text : value->where,
			    &loaded->config.rules, loading->problems);
	loaded->texts[row] = file->text ? eii_asprintf("(%s)", file->text)
					: eii_asprintf("(%zu rules)", loaded->config.rules.n);
	take_origin(loading, row, file->text ? file : value);
}

static void load_row(const struct loading *loading, size_t row)
{
	store_standard(loading, row);
	if (!is_wanted(loading, &eii_table[row]))
		return;
	if (eii_table[row].type == EII_TYPE_SECRET)
		load_secret(loading, row);
	else if (eii_table[row].type == EII_TYPE_RULES)
		load_rules(loading, row);
	else
		load_value(loading, row);
}

static void load_rows(const struct loading *loading)
{
	struct eii_config *config = &loading->loaded->config;

	for (size_t i = 0; i < eii_table_len; i++)
		load_row(loading, i);
	config->connector.run_and_terminate |= config->connector.period_s == 0;
	eii_sign_in_fill(config, loading->environment);
	if (loading->purpose == EII_CONFIG_TO_RUN)
		eii_check_config(config, loading->problems);
}

enum eii_rc eii_config_load(const struct eii_config_sources *sources, struct eii_config **out,
			    struct eii_problems *problems, struct eii_error *err)
{
	EII_AUTO(eii_given) given = eii_given_new();
	struct loading loading = {
		.loaded = EII_NEW(struct eii_loaded),
		.given = given,
		.problems = problems,
		.purpose = sources->purpose,
		.environment = sources->environment,
	};

	loading.loaded->config.secrets = &loading.loaded->secrets;
	eii_sources_read(sources, given, problems);
	load_rows(&loading);
	if (problems->n_wrong) {
		eii_config_free(&loading.loaded->config);
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%zu setting%s wrong",
				     problems->n_wrong, problems->n_wrong == 1 ? " is" : "s are");
	}
	*out = &loading.loaded->config;
	return EII_OK;
}

void eii_config_free(struct eii_config *config)
{
	struct eii_loaded *loaded = (struct eii_loaded *)config;

	if (!loaded)
		return;
	for (size_t i = 0; i < EII_SECRET_COUNT; i++) {
		eii_free_secret(loaded->secrets.sources[i].value);
		free(loaded->secrets.sources[i].file);
	}
	for (size_t i = 0; i < EII_TABLE_MAX; i++) {
		free(loaded->texts[i]);
		free(loaded->origins[i].where);
		free(loaded->origins[i].over);
	}
	for (size_t i = 0; i < EII_CONFIG_AZURE; i++)
		free(loaded->config.mail.sign_in.azure[i]);
	eii_filters_clear(&loaded->config.filters);
	eii_rules_clear(&loaded->config.rules);
	free(loaded->rules_text);
	free(loaded->types);
	free(loaded);
}
