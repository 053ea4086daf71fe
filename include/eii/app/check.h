/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--check`: does what the settings say work? Each of settings, converter, mailbox,
 * platform and broker is ok, or it says why not and what to do. Nothing is changed,
 * pinged or published, and nothing registered but with EII_CHECK_REGISTER.
 */
#ifndef EII_APP_CHECK_H
#define EII_APP_CHECK_H

#include "eii/config/config.h"

enum eii_check_format {
	EII_CHECK_LINES, /* "mailbox: ok: ...", as each is known */
	EII_CHECK_JSON,  /* {"schema":1,"checks":[{name,state,detail,setting,do}],"exit_code"} */
};

enum eii_check_mode {
	EII_CHECK_ASK,
	EII_CHECK_REGISTER, /* the connector, where it is not; it stays */
};

/*
 * config: NULL where problems hold what is wrong with it. Prints to standard output;
 * returns 0, the worst of 77, 78 and 69, or 74 where nothing can be printed.
 */
int eii_check_run(const struct eii_config *config, const struct eii_problems *problems,
		  enum eii_check_format format, enum eii_check_mode mode);

#endif
