/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of every setting, and what is printed from it: the settings'
 * part of --help, config.ini.sample and the tables of docs/configuration.md.
 * A test holds the two files to what is printed here.
 */
#ifndef EII_CONFIG_SETTINGS_H
#define EII_CONFIG_SETTINGS_H

#include <stdio.h>

#include "eii/base/text.h"

/* Each variable with what it means and its default, for --help. */
void eii_settings_print_help(FILE *out);

/* An INI file that holds every key; all but what must be given are commented out. */
void eii_settings_print_sample(FILE *out);

/*
 * The first name in the text that is a setting's variable (also as _FILE), known or
 * mistyped: a piece of the text, empty where there is none.
 */
struct eii_text eii_settings_named_in(const char *text);

/* A table in Markdown for each section, and one of names without effect. */
void eii_settings_print_tables(FILE *out);

#endif
