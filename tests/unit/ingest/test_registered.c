/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/registered.h"

#include "eii/base/alloc.h"
#include "support.h"

struct account {
	const char *host, *vhost, *user, *password;
	uint16_t port;
	bool uses_tls;
};

static struct eii_registration registration_of(const struct account *account)
{
	return (struct eii_registration){ .mq_host = eii_strdup(account->host),
					  .mq_vhost = eii_strdup(account->vhost),
					  .mq_user = eii_strdup(account->user),
					  .mq_password = eii_strdup(account->password),
					  .mq_port = account->port,
					  .mq_uses_tls = account->uses_tls };
}

static void test_registered__knows_whether_the_broker_is_another(void **state)
{
	static const struct account before = { "h", "/", "u", "p", 5672, false };
	static const struct {
		struct account account;
		bool is_new;
	} rows[] = {
		{ { "h", "/", "u", "p", 5672, false }, false },
		{ { "H", "/", "u", "p", 5672, false }, true },
		{ { "h", "/v", "u", "p", 5672, false }, true },
		{ { "h", "/", "w", "p", 5672, false }, true },
		{ { "h", "/", "u", "q", 5672, false }, true },
		{ { "h", "/", "u", "p", 5671, false }, true },
		{ { "h", "/", "u", "p", 5672, true }, true },
	};
	const struct eii_features features = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_registered) registered = eii_registered_new();
		struct eii_registration first = registration_of(&before);
		struct eii_registration second = registration_of(&rows[i].account);

		CHECK(!eii_registered_tells_new_broker(registered, &second), "row %zu: first", i);
		eii_registered_put(registered, &first, &features);
		CHECK(eii_registered_tells_new_broker(registered, &second) == rows[i].is_new,
		      "row %zu", i);
		eii_registration_clear(&second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registered__knows_whether_the_broker_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
