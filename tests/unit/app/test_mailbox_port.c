/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/mailbox_port.h"

#include "../imap/script.h"
#include "support.h"

#define HELLO "<* PREAUTH [CAPABILITY IMAP4rev1] hi"
#define EXAMINE                                                                                    \
	">A1 EXAMINE \"INBOX\"", "<* 3 EXISTS", "<* OK [UIDVALIDITY 7] ok",                        \
		"<* OK [UIDNEXT 12] ok", "<A1 OK [READ-ONLY] done"

struct fixture {
	struct script *script;
	struct eii_imap_options options;
	struct eii_stop *stop;
	struct eii_mailbox_port *port;
};

static void open_port(struct fixture *f, const char *const *steps)
{
	struct eii_folder folder;
	struct eii_error err = { 0 };

	f->script = script_start(steps);
	f->options = script_options(f->script);
	f->stop = eii_stop_new();
	f->options.stop = f->stop;
	f->port = eii_mailbox_port_new(&f->options, "INBOX", NULL);
	CHECK(f->port->open(f->port, &folder, &err) == EII_OK, "%s", err.text);
	assert_int_equal(folder.uidnext, 12);
}

/* What the server heard is what the script says, to the end of the connection. */
static void close_port(struct fixture *f)
{
	assert_false(f->port->is_open(f->port));
	assert_true(script_stop(f->script));
	eii_mailbox_port_free(f->port);
	eii_stop_free(f->stop);
}

static void test_mailbox_port__says_goodbye_to_an_idle_server(void **state)
{
	static const char *const polite[] = { HELLO,      EXAMINE, ">A2 LOGOUT", "<* BYE so long",
					      "<A2 OK x", NULL };
	static const char *const deaf[] = { HELLO, EXAMINE, ">A2 LOGOUT", "#", NULL };
	static const char *const *const both[] = { polite, deaf };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		struct fixture f;

		open_port(&f, both[i]);
		f.port->close(f.port);
		close_port(&f);
	}
}

static char *take_nothing(void *arg, uint32_t uid, size_t len)
{
	(void)arg;
	(void)uid;
	(void)len;
	return NULL;
}

static void test_mailbox_port__says_goodbye_once_all_bodies_are_read(void **state)
{
	static const char *const steps[] = {
		HELLO,         EXAMINE,      ">A2 UID FETCH 5 (UID BODY.PEEK[])",
		"<A2 OK none", ">A3 LOGOUT", "<* BYE so long",
		"<A3 OK x",    NULL
	};
	const struct eii_body_taker taker = { .begin = take_nothing };
	const uint32_t uid = 5;
	struct eii_error err = { 0 };
	struct fixture f;

	(void)state;
	open_port(&f, steps);
	CHECK(f.port->send_bodies(f.port, &uid, 1, 0, &err) == EII_OK, "%s", err.text);
	CHECK(f.port->read_bodies(f.port, &taker, &err) == EII_OK, "%s", err.text);
	f.port->close(f.port);
	close_port(&f);
}

/* The script ends where the client does: an empty line is no more words. */
static void test_mailbox_port__drops_a_server_that_owes_bodies(void **state)
{
	static const char *const steps[] = { HELLO, EXAMINE, ">A2 UID FETCH 5 (UID BODY.PEEK[])",
					     ">", NULL };
	const uint32_t uid = 5;
	struct eii_error err = { 0 };
	struct fixture f;

	(void)state;
	open_port(&f, steps);
	CHECK(f.port->send_bodies(f.port, &uid, 1, 0, &err) == EII_OK, "%s", err.text);
	f.port->close(f.port);
	close_port(&f);
}

static void test_mailbox_port__drops_a_server_when_cut(void **state)
{
	static const char *const steps[] = { HELLO, EXAMINE, ">", NULL };
	struct fixture f;

	(void)state;
	open_port(&f, steps);
	eii_stop_request(f.stop);
	f.port->close(f.port);
	close_port(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mailbox_port__says_goodbye_to_an_idle_server),
		cmocka_unit_test(test_mailbox_port__says_goodbye_once_all_bodies_are_read),
		cmocka_unit_test(test_mailbox_port__drops_a_server_that_owes_bodies),
		cmocka_unit_test(test_mailbox_port__drops_a_server_when_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
