/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Work has come to, as the platform says. Its errors as known codes only:
 * their texts hold words of mails, and never leave this module.
 */
#ifndef EII_OPENCTI_WORK_VIEW_H
#define EII_OPENCTI_WORK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/text.h"

struct eii_platform;

/* Why an object was not imported. */
enum eii_work_error {
	EII_WORK_ERROR_OTHER = 0,
	EII_WORK_ERROR_MISSING_REFERENCE, /* most often a marking that the user may not use */
	EII_WORK_ERROR_FORBIDDEN,         /* a right is missing */
	EII_WORK_ERROR_AUTH_REQUIRED,     /* the user that applies is unknown or locked out */
	EII_WORK_ERROR_VALIDATION,        /* the platform refuses the object */
	EII_WORK_ERROR_TOO_LARGE,
	EII_WORK_ERROR_DRAFT, /* the draft was validated or deleted: another one takes it */
	EII_WORK_ERROR_LOCK,  /* the worker gave up on a lock: the same again may work */
	EII_WORK_ERROR_N,
};

/* Whether a right or marking given to the user mends it, so that it is worth sending again. */
bool eii_work_error_is_mendable(enum eii_work_error error);

/* The kind of an error's text as the worker writes it, whatever of a mail is in it. */
enum eii_work_error eii_work_error_of(struct eii_text message);

struct eii_work_view {
	bool exists;      /* false: deleted or never there; then all else is zero */
	bool is_complete; /* says nothing of what was imported: has_counts, and isWorkAlive */
	bool has_counts;  /* false: nothing was counted, or an older Work was closed by force */
	uint64_t n_expected;
	uint64_t n_processed; /* may be over or under n_expected */
	uint32_t n_errors;
	uint32_t n_by_kind[EII_WORK_ERROR_N];
};

/* Failures as those of platform.h. */
enum eii_rc eii_platform_work(struct eii_platform *platform, const char *work_id,
			      struct eii_work_view *out, struct eii_error *err) EII_MUST_CHECK;

#endif
