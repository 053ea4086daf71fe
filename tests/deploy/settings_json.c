/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the table of settings as JSON, for what is generated from it under
 * deploy/ (tools/deploy-files).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

static const char *const types[] = {
	[EII_TYPE_TEXT] = "text",         [EII_TYPE_URL] = "url",
	[EII_TYPE_PROXY] = "proxy",       [EII_TYPE_FILE_OR_PEM] = "file_or_pem",
	[EII_TYPE_BOOL] = "bool",         [EII_TYPE_BOOL_OR_FILE] = "bool_or_file",
	[EII_TYPE_SWITCH] = "switch",     [EII_TYPE_PORT] = "port",
	[EII_TYPE_U32] = "number",        [EII_TYPE_U64] = "number",
	[EII_TYPE_DURATION] = "duration", [EII_TYPE_CHOICE] = "choice",
	[EII_TYPE_WORD] = "choice",       [EII_TYPE_TYPES] = "list",
	[EII_TYPE_SECRET] = "secret",     [EII_TYPE_MARKING] = "marking",
	[EII_TYPE_PATTERNS] = "patterns", [EII_TYPE_RULES] = "rules",
};
_Static_assert(sizeof(types) / sizeof(types[0]) == EII_TYPE_COUNT, "each type has a name");

static void print_text(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	if (!text) {
		printf("null");
		return;
	}
	putchar('"');
	for (; *text; text++)
		printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	putchar('"');
}

static void print_choices(const struct eii_choice *choices)
{
	printf(", \"choices\": [");
	for (size_t i = 0; choices && choices[i].word; i++)
		printf("%s\"%s\"", i ? ", " : "", choices[i].word);
	putchar(']');
}

static void print_row(const struct eii_setting *row)
{
	char accepted[256];

	eii_setting_accepted(row, accepted, sizeof(accepted));
	printf("{\"variable\": \"%s\"", row->variable);
	print_text("section", eii_section_name(row->section));
	print_text("type", types[row->type]);
	print_text("default", row->standard);
	print_text("sample", row->sample);
	print_text("help", row->help);
	print_text("accepted", accepted);
	print_choices(row->choices);
	printf(", \"min\": %" PRIu64 ", \"max\": %" PRIu64 ", \"required\": %s", row->min, row->max,
	       row->flags & EII_SETTING_REQUIRED ? "true" : "false");
	printf(", \"in_catalogue\": %s}", row->flags & EII_SETTING_IN_CATALOGUE ? "true" : "false");
}

int main(void)
{
	printf("[\n");
	for (size_t i = 0; i < eii_table_len; i++) {
		print_row(&eii_table[i]);
		printf(i + 1 < eii_table_len ? ",\n" : "\n]\n");
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
