/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/mailbox_port.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

struct port {
	struct eii_mailbox_port base; /* first */
	const struct eii_imap_options *options;
	const char *folder;
	char *name;
	struct eii_contacts *contacts; /* may be NULL */
	struct eii_imap *imap;         /* NULL = no session */
};

static struct port *port_of(struct eii_mailbox_port *self)
{
	return (struct port *)self;
}

/* Tells the watchers how the call ended, and hands its code on. */
static enum eii_rc noted(struct eii_mailbox_port *self, enum eii_rc rc, const struct eii_error *err)
{
	eii_contacts_note(port_of(self)->contacts, EII_SERVER_MAILBOX, rc, err);
	return rc;
}

/* The state keeps 32 bits of it: both halves count, and 0 stays "none". */
static uint32_t fold(uint64_t uidvalidity)
{
	uint32_t folded = (uint32_t)(uidvalidity ^ uidvalidity >> 32);

	return folded ? folded : 1;
}

static void to_folder(const struct eii_imap_folder *from, struct eii_folder *to)
{
	*to = (struct eii_folder){ .uidvalidity = fold(from->uidvalidity),
				   .uidnext = from->uidnext };
}

static void port_close(struct eii_mailbox_port *self)
{
	eii_imap_close(EII_DETACH(port_of(self)->imap), EII_IMAP_LOGOUT_MS);
}

static enum eii_rc port_open(struct eii_mailbox_port *self, struct eii_folder *out,
			     struct eii_error *err)
{
	struct port *port = port_of(self);
	struct eii_imap_folder folder;
	enum eii_rc rc;

	port_close(self);
	rc = eii_imap_open(port->options, &port->imap, err);
	if (rc)
		return noted(self, rc, err);
	eii_contacts_connected(port->contacts, EII_SERVER_MAILBOX);
	rc = noted(self, eii_imap_examine(port->imap, port->folder, &folder, err), err);
	if (rc) {
		port_close(self);
		return rc;
	}
	to_folder(&folder, out);
	return EII_OK;
}

static bool port_is_open(struct eii_mailbox_port *self)
{
	struct eii_imap *imap = port_of(self)->imap;

	return imap && eii_imap_is_open(imap);
}

static enum eii_rc port_look(struct eii_mailbox_port *self, bool *out_changed,
			     struct eii_folder *out, struct eii_error *err)
{
	struct eii_imap_folder folder;
	enum eii_rc rc = eii_imap_look(port_of(self)->imap, out_changed, &folder, err);

	if (noted(self, rc, err))
		return rc;
	to_folder(&folder, out);
	return EII_OK;
}

static void add_range(void *arg, uint32_t first, uint32_t last)
{
	eii_uid_set_add_range(arg, first, last);
}

static enum eii_rc port_search_since(struct eii_mailbox_port *self, int64_t unix_s,
				     struct eii_uid_set *out, struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = out };

	return noted(self, eii_imap_search_since(port_of(self)->imap, unix_s, &taker, err), err);
}

static enum eii_rc port_search_range(struct eii_mailbox_port *self, uint32_t first, uint32_t last,
				     struct eii_uid_set *out, struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = out };

	return noted(self, eii_imap_search_range(port_of(self)->imap, first, last, &taker, err),
		     err);
}

static enum eii_rc port_fetch_info(struct eii_mailbox_port *self, struct eii_mail_info *infos,
				   size_t n, struct eii_error *err)
{
	struct eii_imap_info answers[EII_IMAP_FETCH_MAX] = { 0 };
	enum eii_rc rc;

	for (size_t i = 0; i < n; i++)
		answers[i].uid = infos[i].uid;
	rc = eii_imap_fetch_info(port_of(self)->imap, answers, n, err);
	if (noted(self, rc, err))
		return rc;
	for (size_t i = 0; i < n; i++) {
		infos[i].is_known =
			answers[i].is_known && answers[i].has_size && answers[i].has_date;
		infos[i].size_bytes = answers[i].size_bytes;
		infos[i].internal_unix_s = answers[i].internal_unix_s;
	}
	return EII_OK;
}

static enum eii_rc port_send_bodies(struct eii_mailbox_port *self, const uint32_t *uids, size_t n,
				    uint32_t head_bytes, struct eii_error *err)
{
	return eii_imap_send_bodies(port_of(self)->imap, uids, n, head_bytes, err);
}

static enum eii_rc port_read_bodies(struct eii_mailbox_port *self,
				    const struct eii_body_taker *taker, struct eii_error *err)
{
	struct eii_imap_body_taker imap_taker = { .begin = taker->begin,
						  .end = taker->end,
						  .arg = taker->arg };

	return noted(self, eii_imap_read_bodies(port_of(self)->imap, &imap_taker, err), err);
}

struct eii_mailbox_port *eii_mailbox_port_new(const struct eii_imap_options *options,
					      const char *folder, struct eii_contacts *contacts)
{
	struct port *port = EII_NEW(struct port);

	port->options = options;
	port->folder = folder;
	port->contacts = contacts;
	port->name = eii_asprintf("%s@%s/%s", options->user, options->host, folder);
	port->base = (struct eii_mailbox_port){
		.open = port_open,
		.is_open = port_is_open,
		.look = port_look,
		.search_since = port_search_since,
		.search_range = port_search_range,
		.fetch_info = port_fetch_info,
		.send_bodies = port_send_bodies,
		.read_bodies = port_read_bodies,
		.close = port_close,
		.name = port->name,
	};
	return &port->base;
}

void eii_mailbox_port_free(struct eii_mailbox_port *self)
{
	struct port *port;

	if (!self)
		return;
	port = port_of(self);
	eii_imap_close(EII_DETACH(port->imap), EII_IMAP_LOGOUT_MS);
	free(port->name);
	free(port);
}
