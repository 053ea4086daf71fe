/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/settings.h"

#include <string.h>

#include "eii/base/alloc.h"
#include "table.h"

/* Where the words of --help begin; longer names have a line of their own. */
#define HELP_COLUMN 36

static void print_default(const struct eii_setting *row, FILE *out)
{
	if (row->flags & EII_SETTING_REQUIRED)
		(void)fputs(" (required)", out);
	else if (row->standard && *row->standard)
		(void)fprintf(out, " (%s)", row->standard);
}

static void print_help_row(const struct eii_setting *row, FILE *out)
{
	int len = (int)strlen(row->variable);

	(void)fprintf(out, "  %s", row->variable);
	if (len + 2 >= HELP_COLUMN)
		(void)fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		(void)fprintf(out, "%*s", HELP_COLUMN - 2 - len, "");
	(void)fputs(row->help, out);
	print_default(row, out);
	(void)fputc('\n', out);
}

void eii_settings_print_help(FILE *out)
{
	for (size_t i = 0; i < eii_table_len; i++)
		print_help_row(&eii_table[i], out);
}

static void print_sample_row(const struct eii_setting *row, FILE *out)
{
	EII_AUTO_STR key = eii_setting_key(row);
	const char *value = row->standard ? row->standard : row->sample;
	bool is_given = (row->flags & (EII_SETTING_REQUIRED | EII_SETTING_IN_SAMPLE)) != 0;
	char accepted[256];

	eii_setting_accepted(row, accepted, sizeof(accepted));
	(void)fprintf(out, "\n; %s.\n", row->help);
	if (row->type != EII_TYPE_TEXT && row->type != EII_TYPE_SECRET)
		(void)fprintf(out, "; Accepted: %s.\n", accepted);
	(void)fprintf(out, "%s%s =%s%s\n", is_given ? "" : ";", key, *value ? " " : "", value);
	if (row->type == EII_TYPE_SECRET)
		(void)fprintf(out, ";%s_file = /run/secrets/%s\n", key, key);
}

void eii_settings_print_sample(FILE *out)
{
	(void)fputs(
		"; Settings of email-intel-imap. Each is also a variable of the environment or of\n"
		"; a .env file (environment over .env over this file): the section's name, _, and\n"
		"; the key, in upper case; for [network] the key alone.\n"
		"; A value is the rest of its line as it stands, without blanks at both ends: no\n"
		"; quotes, no comment behind it. An empty value counts as not given.\n",
		out);
	for (int section = 0; section < EII_SECTION_COUNT; section++) {
		(void)fprintf(out, "\n[%s]\n", eii_section_name((enum eii_section)section));
		for (size_t i = 0; i < eii_table_len; i++) {
			if (eii_table[i].section == (enum eii_section)section)
				print_sample_row(&eii_table[i], out);
		}
	}
}

static void print_table_row(const struct eii_setting *row, FILE *out)
{
	EII_AUTO_STR key = eii_setting_key(row);
	bool is_secret = row->type == EII_TYPE_SECRET;
	char accepted[256];

	eii_setting_accepted(row, accepted, sizeof(accepted));
	(void)fprintf(out, "| `%s`%s | `%s` | ", row->variable, is_secret ? ", `_FILE`" : "", key);
	if (row->flags & EII_SETTING_REQUIRED)
		(void)fputs("required", out);
	else if (row->standard && *row->standard)
		(void)fprintf(out, "`%s`", row->standard);
	(void)fprintf(out, " | %s | %s |\n", row->help, accepted);
}

static void print_table(enum eii_section section, FILE *out)
{
	(void)fprintf(out,
		      "### [%s]\n\n| variable | key | default | what it is | accepted |\n"
		      "| --- | --- | --- | --- | --- |\n",
		      eii_section_name(section));
	for (size_t i = 0; i < eii_table_len; i++) {
		if (eii_table[i].section == section)
			print_table_row(&eii_table[i], out);
	}
	(void)fputc('\n', out);
}

void eii_settings_print_tables(FILE *out)
{
	for (int section = 0; section < EII_SECTION_COUNT; section++)
		print_table((enum eii_section)section, out);
	(void)fputs("### Known, without effect\n\n| variable | because |\n| --- | --- |\n", out);
	for (size_t i = 0; i < eii_idle_table_len; i++)
		(void)fprintf(out, "| `%s` | %s |\n", eii_idle_table[i].variable,
			      eii_idle_table[i].why);
}
