/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an HTTP answer means: the platform's data, one of its errors in the shape
 * of any version, or something that is not the platform's at all.
 */
#ifndef EII_OPENCTI_ANSWER_H
#define EII_OPENCTI_ANSWER_H

#include "eii/base/error.h"
#include "eii/net/http.h"
#include "eii/opencti/graphql.h"

/*
 * name is the call's, for texts; secret (empty: none) stays out of them.
 * Failures as those of eii_graphql_call().
 */
enum eii_rc eii_answer_read(const char *name, const struct eii_http_reply *reply,
			    struct eii_text secret, struct eii_graphql_answer *answer,
			    struct eii_error *err) EII_MUST_CHECK;

#endif
