/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/settings.h"

#include <string.h>

#include "eii/base/alloc.h"
#include "table.h"

#define HELP_WIDTH  80
#define HELP_INDENT 6

/* The text's words in lines of HELP_WIDTH at most; one that is longer has a line of its own. */
static void print_wrapped(const char *text, FILE *out)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > HELP_WIDTH) {
			(void)fputc('\n', out);
			column = 0;
		}
		column += column ? 1 : HELP_INDENT;
		(void)fprintf(out, "%*s%.*s", column > HELP_INDENT ? 1 : HELP_INDENT, "", (int)len,
			      text);
		column += len;
		text += len + (text[len] == ' ');
	}
	(void)fputc('\n', out);
}

static void print_help_row(const struct eii_setting *row, FILE *out)
{
	bool has_default = row->standard && *row->standard;
	EII_AUTO_STR words = NULL;

	if (row->flags & EII_SETTING_REQUIRED)
		words = eii_asprintf("%s (required)", row->help);
	else
		words = eii_asprintf("%s%s%s%s", row->help, has_default ? " (" : "",
				     has_default ? row->standard : "", has_default ? ")" : "");
	(void)fprintf(out, "  %s\n", row->variable);
	print_wrapped(words, out);
}

/* Those of a mailbox are many: what shapes a report has a group of its own. */
struct help_group {
	const char *title;
	enum eii_section section;
	unsigned with, without; /* flags */
};

void eii_settings_print_help(FILE *out)
{
	static const struct help_group groups[] = {
		{ "Platform", EII_SECTION_OPENCTI, 0, 0 },
		{ "Connector", EII_SECTION_CONNECTOR, 0, 0 },
		{ "Mailbox and sign-in", EII_SECTION_MAIL, 0, EII_SETTING_SHAPES },
		{ "Reports", EII_SECTION_MAIL, EII_SETTING_SHAPES, 0 },
		{ "RabbitMQ, where it is to be another than the platform tells", EII_SECTION_MQ, 0,
		  0 },
		{ "Network", EII_SECTION_NETWORK, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		(void)fprintf(out, "%s%s:\n", i ? "\n" : "", groups[i].title);
		for (size_t row = 0; row < eii_table_len; row++) {
			const struct eii_setting *setting = &eii_table[row];

			if (setting->section == groups[i].section &&
			    (setting->flags & groups[i].with) == groups[i].with &&
			    !(setting->flags & groups[i].without))
				print_help_row(setting, out);
		}
	}
}

static void print_sample_row(const struct eii_setting *row, FILE *out)
{
	EII_AUTO_STR key = eii_setting_key(row);
	const char *value = row->standard ? row->standard : row->sample;
	bool is_rules = row->type == EII_TYPE_RULES;
	bool is_given = (row->flags & (EII_SETTING_REQUIRED | EII_SETTING_IN_SAMPLE)) != 0;
	char accepted[256];

	eii_setting_accepted(row, accepted, sizeof(accepted));
	(void)fprintf(out, "\n; %s.\n", row->help);
	if (row->type != EII_TYPE_TEXT && row->type != EII_TYPE_SECRET)
		(void)fprintf(out, "; Accepted: %s.\n", accepted);
	(void)fprintf(out, "%s%s%s =%s%s\n", is_given ? "" : ";", key, is_rules ? "_file" : "",
		      *value ? " " : "", value);
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
	bool has_file = row->type == EII_TYPE_SECRET || row->type == EII_TYPE_RULES;
	char accepted[256];

	eii_setting_accepted(row, accepted, sizeof(accepted));
	(void)fprintf(out, "| `%s`%s | `%s` | ", row->variable, has_file ? ", `_FILE`" : "", key);
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
