/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that make the parts share: parts.c, and mailbox.c for all that
 * has to do with signing in to the mailbox.
 */
#ifndef EII_APP_PARTS_PRIVATE_H
#define EII_APP_PARTS_PRIVATE_H

#include "eii/app/parts.h"
#include "eii/net/http.h"

/* Trust and proxies as for every HTTPS request. */
static inline struct eii_http_options eii_parts_http_options(const struct eii_parts *parts)
{
	const struct eii_config_network *network = &parts->config->network;

	return (struct eii_http_options){
		.tls = { .trust = parts->trust, .verify = true },
		.http_proxy = network->http_proxy,
		.https_proxy = network->https_proxy,
		.no_proxy = network->no_proxy,
	};
}

/* How a session to the mailbox is encrypted. */
enum eii_imap_tls eii_parts_imap_tls(const struct eii_config_mail *mail);

/* The mailbox's part. EII_FATAL with CONFIG. */
enum eii_rc eii_parts_make_mailbox(struct eii_parts *parts, struct eii_error *err) EII_MUST_CHECK;

/* Where this server's handshake says who it is; NULL = nobody asks. */
static inline struct eii_tls_peer *eii_parts_peer(const struct eii_parts *parts,
						  enum eii_server server)
{
	return parts->watch.peers ? &parts->watch.peers[server] : NULL;
}

#endif
