/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings turned into what the layers ask for: one place that knows which
 * setting goes where. Everything borrows from the config it was made of.
 */
#ifndef EII_APP_PARTS_H
#define EII_APP_PARTS_H

#include "eii/base/cleanup.h"
#include "eii/config/config.h"
#include "eii/convert/converter.h"
#include "eii/imap/session.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/directory.h"
#include "eii/ingest/queue_driver.h"
#include "eii/ingest/stats.h"
#include "eii/net/http.h"
#include "eii/net/tls.h"
#include "eii/opencti/platform.h"
#include "eii/rules/judge.h"
#include "eii/state/ring.h"
#include "eii/token/token.h"

/* Where the parts tell how they fare; all borrowed. */
struct eii_watch {
	struct eii_contacts *contacts;
	struct eii_stats *stats;
	struct eii_tls_peer *peers; /* by enum eii_server, of EII_SERVERS; NULL = nobody asks */
};

struct eii_parts {
	const struct eii_config *config;
	struct eii_watch watch;
	struct eii_trust *trust;

	struct eii_http *platform_http;
	struct eii_platform *platform;

	struct eii_http *push_http; /* NULL where the broker is spoken to itself, as the next */
	struct eii_platform *push;

	struct eii_tls_options imap_tls;
	struct eii_imap_options imap; /* its stop is set by whoever opens sessions */
	struct eii_imap_tried tried;
	char *imap_key, *imap_passphrase;
	struct eii_http *token_http; /* NULL where no token is needed, as the next */
	struct eii_token *token;

	char *mq_key, *mq_passphrase;
	struct eii_queue_settings queue;
};

/*
 * Makes them; platform_stop cuts the platform's calls, may be NULL. watch is
 * copied; NULL = nobody watches.
 * EII_FATAL with CONFIG: a certificate or secret file cannot be read.
 */
enum eii_rc eii_parts_new(const struct eii_config *config, const struct eii_stop *platform_stop,
			  const struct eii_watch *watch, struct eii_parts **out,
			  struct eii_error *err) EII_MUST_CHECK;

/*
 * Another client of the platform, for the thread that sends by its API; stop cuts it.
 * EII_FATAL with CONFIG.
 */
enum eii_rc eii_parts_make_push(struct eii_parts *parts, const struct eii_stop *stop,
				struct eii_error *err) EII_MUST_CHECK;

void eii_parts_free(struct eii_parts *parts);
EII_DEFINE_AUTO(eii_parts);

/*
 * By what the mailbox stands in the state, for the caller to free(): "user@host/folder",
 * or "user@host/" where EMAIL_INTEL_IMAP_MAILBOX is a list.
 */
char *eii_parts_mailbox_key(const struct eii_config *config);

/* What shapes a report: for these no server is needed. */
struct eii_report_settings eii_parts_report(const struct eii_config *config);
void eii_parts_report_clear(struct eii_report_settings *settings);

/* Which mails become reports; borrows from config. */
struct eii_selection eii_parts_selection(const struct eii_config *config);
enum eii_ring_mode eii_parts_ring_mode(const struct eii_config *config);

/* The directory that reports go to, where one is meant. */
struct eii_directory_settings eii_parts_directory(const struct eii_config *config);

/*
 * *out_program is the converter's path, for the caller to free(): EII_CONVERTER
 * where it is set, else beside this program, else where it is installed.
 * EII_FATAL with CONFIG: it is nowhere.
 */
enum eii_rc eii_parts_converter(const struct eii_config *config, char **out_program,
				struct eii_converter_options *out,
				struct eii_error *err) EII_MUST_CHECK;

#endif
