/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's answers, as the platform or whatever stands in its place may
 * give them. The first byte is the HTTP status divided by 4, the rest the body.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "eii/base/utf8.h"
#include "eii/opencti/work_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_graphql_answer answer = { 0 };
	struct eii_error err = { 0 };
	struct eii_http_reply reply;
	enum eii_rc rc;

	if (size == 0)
		return 0;
	eii_http_reply_init(&reply);
	reply.status = data[0] * 4;
	eii_buf_add(&reply.body, data + 1, size - 1);
	rc = eii_answer_read("fuzz", &reply, eii_text(NULL, 0), &answer, &err);
	require((rc == EII_OK) == (answer.data != NULL));
	require(rc == EII_OK || err.text[0]);
	require(eii_utf8_is_valid(eii_text_of(answer.message)));
	require(eii_work_error_of(eii_buf_text(&reply.body)) < EII_WORK_ERROR_N);
	eii_graphql_answer_clear(&answer);
	eii_http_reply_clear(&reply);
	return 0;
}
