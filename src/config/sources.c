/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include "settings_file.h"
#include "variables.h"

/* Nobody comes from the official connector with an INI file. */
static enum eii_official_way way_of(const struct eii_config_sources *sources)
{
	if (sources->file_path)
		return eii_settings_file_is_yaml(sources->file_path) ? EII_OFFICIAL_YAML
								     : EII_OFFICIAL_OURS;
	return sources->env_path ? EII_OFFICIAL_DOTENV : EII_OFFICIAL_OURS;
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
	if (sources->purpose == EII_CONFIG_TO_RUN)
		eii_official_compare(reading.way, given, problems);
}
