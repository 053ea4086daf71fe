/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/exit_code.h"

#include <sysexits.h>

int eii_exit_code(enum eii_rc rc, const struct eii_error *err)
{
	if (rc == EII_OK)
		return EX_OK;
	if (rc == EII_RETRY)
		return EX_TEMPFAIL;
	switch (err->kind) {
	case EII_ERROR_CREDENTIALS:
		return EX_NOPERM;
	case EII_ERROR_CONFIG:
		return EX_CONFIG;
	case EII_ERROR_UNREACHABLE:
		return EX_UNAVAILABLE;
	case EII_ERROR_STOPPED:
	case EII_ERROR_STORAGE:
	case EII_ERROR_OTHER:
		break;
	}
	return EX_SOFTWARE;
}

int eii_exit_code_of_over(enum eii_over_code code)
{
	switch (code) {
	case EII_OVER_OK:
		return EX_OK;
	case EII_OVER_GAVE_UP:
		return EX_TEMPFAIL;
	case EII_OVER_CREDENTIALS:
		return EX_NOPERM;
	case EII_OVER_CONFIG:
		return EX_CONFIG;
	}
	return EX_SOFTWARE;
}
