/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --check tries of mailbox, platform and broker.
 */
#ifndef EII_APP_CHECK_SERVERS_H
#define EII_APP_CHECK_SERVERS_H

#include "check_run.h"

/* In this order: each says what it has tried, in a line or more. */
void eii_check_mailbox(struct eii_check *check);
void eii_check_platform(struct eii_check *check);
void eii_check_broker(struct eii_check *check);
void eii_check_directory(struct eii_check *check);

#endif
