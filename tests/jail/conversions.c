/* SPDX-License-Identifier: Apache-2.0 */
#include "conversions.h"

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "support.h"

struct eii_converter *conversions_converter(const char *program)
{
	const struct eii_converter_options options = {
		.program = program,
		.settings = { .content = EII_CONTENT_VERBATIM, .max_file_bytes = 1024 * 1024 },
		.cpu_s = 1,
		/* Room for the gconv modules, and little to eat. */
		.address_space_bytes = 256u * 1024 * 1024,
	};

	return eii_converter_new(&options);
}

char *conversions_mail(const char *subject)
{
	return eii_asprintf("From: a@example.org\r\nSubject: %s\r\n"
			    "Date: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\nGood day\r\n",
			    subject);
}

/* Waits for the next result; the test's own patience is its ctest timeout. */
struct eii_conversion conversions_wait(struct eii_converter *conv)
{
	struct eii_conversion conversion = { 0 };
	struct eii_error err = { 0 };

	while (!eii_converter_next(conv, &conversion)) {
		struct pollfd fd;
		int64_t deadline_ms;

		eii_converter_poll(conv, &fd, &deadline_ms);
		(void)poll(&fd, 1, deadline_ms == INT64_MAX ? -1 : eii_clock_left_ms(deadline_ms));
		CHECK(eii_converter_advance(conv, eii_clock_monotonic_ms(), &err) == EII_OK, "%s",
		      err.text);
	}
	return conversion;
}

void conversions_start(struct eii_converter *conv)
{
	struct eii_error err = { 0 };

	CHECK(eii_converter_start(conv, &err) == EII_OK, "%s", err.text);
}

void conversions_check_good(const struct eii_conversion *conversion, uint64_t number,
			    const char *row)
{
	CHECK(conversion->number == number, "%s: %d", row, (int)conversion->number);
	CHECK(conversion->reason == EII_FALLBACK_NONE, "%s: mail %d: %s", row, (int)number,
	      conversion->detail);
	CHECK(eii_text_equal(conversion->fields->subject, eii_text_of("good")), "%s", row);
	CHECK(conversion->fields->content.len > 0, "%s", row);
	CHECK(!(conversion->fields->defects & EII_DEFECT_BODY_NOT_READ), "%s", row);
}
