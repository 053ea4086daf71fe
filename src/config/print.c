/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/config/config.h"
#include "loaded.h"
#include "value.h"

#define SECRET_SHOWN "***"
#define PEM_SHOWN    "(PEM text)"

/* The variable and its value, for the caller to free(). */
static char *secret_line(const struct eii_loaded *loaded, const struct eii_setting *setting)
{
	const struct eii_secret_source *source = &loaded->secrets.sources[setting->secret];

	if (source->file)
		return eii_asprintf("%s_FILE=%s", setting->variable, source->file);
	return eii_asprintf("%s=%s", setting->variable, source->value ? SECRET_SHOWN : "");
}

/* PEM text goes over lines, and may hold a key beside the certificate. */
static char *value_line(const struct eii_loaded *loaded, size_t row)
{
	const struct eii_setting *setting = &eii_table[row];
	const char *text = loaded->texts[row] ? loaded->texts[row] : "";
	EII_AUTO_STR shown = NULL;

	if (strstr(text, "-----BEGIN"))
		return eii_asprintf("%s=" PEM_SHOWN, setting->variable);
	shown = eii_value_shown(setting, text);
	return eii_asprintf("%s=%s", setting->variable, shown);
}

/* What the variables of a workload identity fill where our own say nothing (sign_in.c). */
static const char *const azure_variables[EII_CONFIG_AZURE] = {
	"AZURE_TENANT_ID",
	"AZURE_CLIENT_ID",
	"AZURE_AUTHORITY_HOST",
	"AZURE_FEDERATED_TOKEN_FILE",
};

static bool print_filled(const struct eii_config *config, const struct eii_setting *setting,
			 FILE *out)
{
	const char *const *member = (const void *)((const char *)config + setting->offset);

	if (setting->type != EII_TYPE_TEXT || !*member)
		return false;
	for (size_t i = 0; i < EII_CONFIG_AZURE; i++) {
		if (*member != config->mail.sign_in.azure[i])
			continue;
		(void)fprintf(out, "%s=%s  # environment, by %s\n", setting->variable, *member,
			      azure_variables[i]);
		return true;
	}
	return false;
}

static void print_origin(const struct eii_loaded *loaded, size_t row, FILE *out)
{
	const struct eii_origin *origin = &loaded->origins[row];
	bool has_default = eii_table[row].standard && *eii_table[row].standard;

	if (!origin->where)
		(void)fprintf(out, "  # %s\n", has_default ? "default" : "not given");
	else if (!origin->over)
		(void)fprintf(out, "  # %s\n", origin->where);
	else
		(void)fprintf(out, "  # %s, over %s\n", origin->where, origin->over);
}

static void print_row(const struct eii_loaded *loaded, size_t row, FILE *out)
{
	const struct eii_setting *setting = &eii_table[row];
	EII_AUTO_STR line = NULL;

	if (print_filled(&loaded->config, setting, out))
		return;
	line = setting->type == EII_TYPE_SECRET ? secret_line(loaded, setting)
						: value_line(loaded, row);
	(void)fputs(line, out);
	print_origin(loaded, row, out);
}

void eii_config_print(const struct eii_config *config, FILE *out)
{
	const struct eii_loaded *loaded = (const struct eii_loaded *)config;
	const char *token_file = config->mail.sign_in.federated_token_file;

	for (size_t i = 0; i < eii_table_len; i++)
		print_row(loaded, i, out);
	if (token_file)
		(void)fprintf(out, "AZURE_FEDERATED_TOKEN_FILE=%s  # environment\n", token_file);
}

_Static_assert(EII_CONFIG_CHANGED_MAX >= EII_TABLE_MAX, "every setting has room");

static bool is_changed(const struct eii_loaded *loaded, size_t row)
{
	const struct eii_setting *setting = &eii_table[row];
	const char *standard = setting->standard ? setting->standard : "";
	const char *text = loaded->texts[row] ? loaded->texts[row] : "";

	if (setting->type == EII_TYPE_SECRET)
		return eii_secret_is_given(&loaded->config, setting->secret);
	return loaded->origins[row].where && strcmp(text, standard) != 0;
}

size_t eii_config_changed(const struct eii_config *config, const char **out_names, size_t max)
{
	const struct eii_loaded *loaded = (const struct eii_loaded *)config;
	size_t n = 0;

	for (size_t i = 0; i < eii_table_len && n < max; i++) {
		if (is_changed(loaded, i))
			out_names[n++] = eii_table[i].variable;
	}
	return n;
}
