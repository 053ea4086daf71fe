/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/colour.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support.h"

static int terminal = -1, other_end = -1;

static int open_terminal(void **state)
{
	(void)state;
	other_end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other_end < 0 || grantpt(other_end) || unlockpt(other_end))
		return -1;
	terminal = open(ptsname(other_end), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return terminal < 0 ? -1 : 0;
}

static int close_terminal(void **state)
{
	(void)state;
	(void)close(terminal);
	(void)close(other_end);
	return 0;
}

static void set(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void test_colour__is_for_terminals_that_want_it(void **state)
{
	static const struct {
		const char *no_color, *term;
		bool is_shown;
	} cases[] = {
		{ NULL, "xterm", true }, { "", "xterm", true },   { "1", "xterm", false },
		{ "0", "xterm", false }, { NULL, "dumb", false }, { NULL, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set("NO_COLOR", cases[i].no_color);
		set("TERM", cases[i].term);
		CHECK(eii_colour_is_shown(terminal) == cases[i].is_shown, "%zu", i);
	}
}

static void test_colour__is_for_nothing_else(void **state)
{
	int file = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	set("NO_COLOR", NULL);
	set("TERM", "xterm");
	assert_false(eii_colour_is_shown(file));
	assert_false(eii_colour_is_shown(-1));
	assert_string_equal(eii_colour_paint(file, EII_COLOUR_RED).begin, "");
	assert_string_equal(eii_colour_paint(file, EII_COLOUR_RED).end, "");
	(void)close(file);
}

static void test_colour__ends_what_it_begins(void **state)
{
	struct eii_paint paint;

	(void)state;
	set("NO_COLOR", NULL);
	set("TERM", "xterm");
	paint = eii_colour_paint(terminal, EII_COLOUR_RED);
	assert_string_equal(paint.begin, "\033[31m");
	assert_string_equal(paint.end, "\033[0m");
	paint = eii_colour_paint(terminal, EII_COLOUR_NONE);
	assert_string_equal(paint.begin, "");
	assert_string_equal(paint.end, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_colour__is_for_terminals_that_want_it),
		cmocka_unit_test(test_colour__is_for_nothing_else),
		cmocka_unit_test(test_colour__ends_what_it_begins),
	};

	return cmocka_run_group_tests(tests, open_terminal, close_terminal);
}
