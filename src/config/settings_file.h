/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of sections and keys: INI, or YAML as the official connector has it.
 */
#ifndef EII_CONFIG_SETTINGS_FILE_H
#define EII_CONFIG_SETTINGS_FILE_H

#include "reading.h"

/* By its name: .yml and .yaml, in any case. */
bool eii_settings_file_is_yaml(const char *path);

/* Reads it whole; what is wrong or unknown goes to the reading's problems. */
void eii_settings_file_read(struct eii_reading *reading, const char *path);

#endif
