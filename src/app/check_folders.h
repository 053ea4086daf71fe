/* SPDX-License-Identifier: Apache-2.0 */
/* What --check says of several folders. */
#ifndef EII_APP_CHECK_FOLDERS_H
#define EII_APP_CHECK_FOLDERS_H

#include "check_servers.h"
#include "eii/imap/session.h"

/* Lists those that EMAIL_INTEL_IMAP_MAILBOX names and opens each; says how it went. */
void eii_check_folders(struct eii_check *check, struct eii_imap *imap);

#endif
