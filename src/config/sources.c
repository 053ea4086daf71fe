/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <string.h>

#include "secret_folder.h"
#include "settings_file.h"
#include "variables.h"

#define SECRETS_DIR "EMAIL_INTEL_IMAP_SECRETS_DIR"
#define CREDENTIALS "CREDENTIALS_DIRECTORY" /* systemd's */

/* Nobody comes from the official connector with an INI file. */
static enum eii_official_way way_of(const struct eii_config_sources *sources)
{
	if (sources->file_path)
		return eii_settings_file_is_yaml(sources->file_path) ? EII_OFFICIAL_YAML
								     : EII_OFFICIAL_OURS;
	return sources->env_path ? EII_OFFICIAL_DOTENV : EII_OFFICIAL_OURS;
}

static const char *find_variable(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment && *environment; environment++) {
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=' &&
		    (*environment)[len + 1])
			return *environment + len + 1;
	}
	return NULL;
}

/* Ours first: of a secret in both the earlier one counts. */
static void read_folders(struct eii_reading *reading, const char *const *environment)
{
	const char *credentials = find_variable(environment, CREDENTIALS);

	for (size_t i = 0; i < eii_table_len; i++) {
		const char *folder = reading->given->values[i].text;

		if (folder && strcmp(eii_table[i].variable, SECRETS_DIR) == 0)
			eii_secret_folder_read(reading, folder, SECRETS_DIR);
	}
	if (credentials)
		eii_secret_folder_read(reading, credentials, CREDENTIALS);
}

void eii_sources_read(const struct eii_config_sources *sources, struct eii_given *given,
		      struct eii_problems *problems)
{
	struct eii_reading reading = {
		.given = given,
		.problems = problems,
		.way = way_of(sources),
	};

	if (sources->file_path)
		eii_settings_file_read(&reading, sources->file_path);
	if (sources->env_path)
		eii_variables_read_dotenv(&reading, sources->env_path, sources->environment);
	eii_variables_read_environment(&reading, sources->environment);
	if (sources->purpose != EII_CONFIG_TO_RUN)
		return;
	read_folders(&reading, sources->environment);
	eii_official_compare(reading.way, given, problems);
}
