/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support.h"

static int listener(const char *name, size_t len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, name, len);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	return fd;
}

static void assert_received(int fd, const char *expected)
{
	char line[64] = "";

	assert_int_equal(read(fd, line, sizeof(line) - 1), (ssize_t)strlen(expected));
	assert_string_equal(line, expected);
}

static void test_notify__reaches_a_socket_with_a_path(void **state)
{
	char folder[] = "/tmp/eii-notify-XXXXXX";
	char path[64];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/socket", folder);
	fd = listener(path, strlen(path));
	assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
	eii_notify(EII_NOTIFY_READY);
	eii_notify(EII_NOTIFY_STOPPING);
	assert_received(fd, "READY=1");
	assert_received(fd, "STOPPING=1");
	assert_int_equal(unlink(path), 0);
	eii_notify(EII_NOTIFY_WATCHDOG); /* nobody there */
	assert_int_equal(close(fd), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_notify__reaches_an_abstract_socket(void **state)
{
	char name[64];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@eii-notify-%d", (int)getpid());
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	name[0] = '\0';
	fd = listener(name, 1 + strlen(name + 1));
	eii_notify(EII_NOTIFY_WATCHDOG);
	assert_received(fd, "WATCHDOG=1");
	assert_int_equal(close(fd), 0);
}

static void test_notify__takes_no_other_name(void **state)
{
	char longer[200] = "/";

	(void)state;
	memset(longer + 1, 'x', sizeof(longer) - 2);
	assert_int_equal(setenv("NOTIFY_SOCKET", longer, 1), 0);
	eii_notify(EII_NOTIFY_READY);
	assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	eii_notify(EII_NOTIFY_READY);
	assert_int_equal(access("relative", F_OK), -1);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	eii_notify(EII_NOTIFY_READY);
}

static void test_notify__halves_the_watchdogs_time(void **state)
{
	static const struct {
		const char *interval_us;
		const char *pid; /* "self" = ours */
		int expected;
	} rows[] = {
		{ NULL, NULL, 0 },
		{ "", NULL, 0 },
		{ "30000000", NULL, 15000 },
		{ "30000000", "self", 15000 },
		{ "30000000", "1", 0 },
		{ "30000000", "x", 0 },
		{ "soon", NULL, 0 },
		{ "-1", NULL, 0 },
		{ "1999", NULL, 0 },
		{ "2000", NULL, 1 },
		{ "18446744073709551615", NULL, INT32_MAX },
		{ "18446744073709551616", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char pid[32];

		(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
		assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
		assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
		if (rows[i].interval_us)
			assert_int_equal(setenv("WATCHDOG_USEC", rows[i].interval_us, 1), 0);
		if (rows[i].pid)
			assert_int_equal(setenv("WATCHDOG_PID",
						strcmp(rows[i].pid, "self") ? rows[i].pid : pid, 1),
					 0);
		CHECK(eii_notify_watchdog_ms() == rows[i].expected, "row %zu: %d", i,
		      eii_notify_watchdog_ms());
	}
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify__reaches_a_socket_with_a_path),
		cmocka_unit_test(test_notify__reaches_an_abstract_socket),
		cmocka_unit_test(test_notify__takes_no_other_name),
		cmocka_unit_test(test_notify__halves_the_watchdogs_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
