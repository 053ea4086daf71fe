/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of secrets, as systemd, Kubernetes and Docker give one: each file that has
 * the name of a secret's variable is its `_FILE` form, where none is given otherwise.
 * One that holds nothing but line ends is not given: systemd has such a one in the
 * place of a credential that is not there.
 */
#ifndef EII_CONFIG_SECRET_FOLDER_H
#define EII_CONFIG_SECRET_FOLDER_H

#include "reading.h"

/* variable: the one that names the folder. What is no secret there goes to problems. */
void eii_secret_folder_read(struct eii_reading *reading, const char *folder, const char *variable);

#endif
