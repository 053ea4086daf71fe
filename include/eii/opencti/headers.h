/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OPENCTI_CUSTOM_HEADERS as pycti takes it: "Name: value;Other: value", parted
 * at every ';', then at the first ':'. Their values may be secrets: no error
 * text holds one.
 */
#ifndef EII_OPENCTI_HEADERS_H
#define EII_OPENCTI_HEADERS_H

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

#define EII_CUSTOM_HEADERS_MAX 32

/* Fit for eii_http_options: "Name: value" each, NULL at the end. */
struct eii_custom_headers {
	char *lines[EII_CUSTOM_HEADERS_MAX + 1]; /* owned */
};

/*
 * text NULL or "" gives none; empty parts are skipped. EII_FATAL with CONFIG: a
 * part without ':', a name that is none (RFC 9110, section 5.1), a control
 * character in a value, Authorization (it is ours), or too many.
 */
enum eii_rc eii_custom_headers_parse(const char *text, struct eii_custom_headers **out,
				     struct eii_error *err) EII_MUST_CHECK;
void eii_custom_headers_free(struct eii_custom_headers *headers);
EII_DEFINE_AUTO(eii_custom_headers);

#endif
