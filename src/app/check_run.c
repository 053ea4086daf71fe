/* SPDX-License-Identifier: Apache-2.0 */
#include "check_run.h"

#include <sysexits.h>

#include "eii/app/exit_code.h"

/* What an operator has to mend first: a wrong setting, then credentials, then a server. */
static int rank(int code)
{
	return code == EX_CONFIG ? 3 : code == EX_NOPERM ? 2 : code == EX_OK ? 0 : 1;
}

void eii_check_fail(struct eii_check *check, const char *what, enum eii_rc rc,
		    const struct eii_error *err)
{
	int code = eii_exit_code(rc, err);

	/* A server that does not answer now is unavailable, whatever kind of failure it was. */
	if (code != EX_CONFIG && code != EX_NOPERM)
		code = EX_UNAVAILABLE;
	eii_check_report_add(&check->report, what, EII_CHECK_FAILED, "%s", err->text);
	if (rank(code) > rank(check->worst))
		check->worst = code;
}
