/* SPDX-License-Identifier: Apache-2.0 */
#include "scripted_mailbox.h"

#include <string.h>

#define DAY_S 86400

static struct scripted_mailbox *box_of(struct eii_mailbox_port *self)
{
	return (struct scripted_mailbox *)self;
}

static struct scripted_mail *find(struct scripted_mailbox *box, uint32_t uid)
{
	for (size_t i = 0; i < box->n_mails; i++) {
		if (box->mails[i].uid == uid)
			return &box->mails[i];
	}
	return NULL;
}

static enum eii_rc die(struct scripted_mailbox *box, struct eii_error *err)
{
	box->is_open = false;
	box->n_commands = 0;
	return eii_fail(err, EII_RETRY, "the session died");
}

static enum eii_rc box_open(struct eii_mailbox_port *self, struct eii_folder *out,
			    struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);

	box->n_opens++;
	if (box->n_open_failures) {
		box->n_open_failures--;
		return eii_fail(err, box->open_rc, "scripted failure to open");
	}
	if (box->uidvalidity_next && box->n_opens > 1)
		box->folder.uidvalidity = box->uidvalidity_next;
	box->is_open = true;
	box->n_commands = 0;
	*out = box->folder;
	return EII_OK;
}

static bool box_is_open(struct eii_mailbox_port *self)
{
	return box_of(self)->is_open;
}

static enum eii_rc box_look(struct eii_mailbox_port *self, bool *out_changed,
			    struct eii_folder *out, struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);

	(void)err;
	box->n_looks++;
	*out_changed = box->changed;
	*out = box->folder;
	return EII_OK;
}

static enum eii_rc box_search_since(struct eii_mailbox_port *self, int64_t unix_s,
				    struct eii_uid_set *out, struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);

	(void)err;
	box->n_searches++;
	for (size_t i = 0; i < box->n_mails; i++) {
		if (box->mails[i].internal_unix_s / DAY_S >= unix_s / DAY_S)
			eii_uid_set_add(out, box->mails[i].uid);
	}
	return EII_OK;
}

static enum eii_rc box_search_range(struct eii_mailbox_port *self, uint32_t first, uint32_t last,
				    struct eii_uid_set *out, struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);

	(void)err;
	box->n_searches++;
	for (size_t i = 0; i < box->n_mails; i++) {
		const struct scripted_mail *mail = &box->mails[i];

		if (mail->uid < first || mail->uid > last)
			continue;
		/* An expunge is seen by who asks again for the one mail. */
		if (mail->fault != SCRIPTED_EXPUNGED || first != last)
			eii_uid_set_add(out, mail->uid);
	}
	return EII_OK;
}

static uint64_t size_of(const struct scripted_mail *mail)
{
	return mail->claimed_size ? mail->claimed_size : strlen(mail->text);
}

static enum eii_rc box_fetch_info(struct eii_mailbox_port *self, struct eii_mail_info *infos,
				  size_t n, struct eii_error *err)
{
	(void)err;
	for (size_t i = 0; i < n; i++) {
		const struct scripted_mail *mail = find(box_of(self), infos[i].uid);

		if (!mail || mail->fault == SCRIPTED_EXPUNGED)
			continue;
		infos[i].is_known = true;
		infos[i].size_bytes = size_of(mail);
		infos[i].internal_unix_s = mail->internal_unix_s;
	}
	return EII_OK;
}

static enum eii_rc box_send_bodies(struct eii_mailbox_port *self, const uint32_t *uids, size_t n,
				   uint32_t head_bytes, struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);
	size_t slot = (box->first_asked + box->n_commands) % 4;

	if (!box->is_open)
		return eii_fail(err, EII_RETRY, "not open");
	box->n_body_commands++;
	memcpy(box->asked[slot], uids, n * sizeof(*uids));
	box->n_asked[slot] = n;
	box->asked_head[slot] = head_bytes;
	box->n_commands++;
	return EII_OK;
}

static void hand_out(struct scripted_mailbox *box, const struct scripted_mail *mail,
		     uint32_t head_bytes, const struct eii_body_taker *taker)
{
	size_t len = strlen(mail->text);
	char *room;

	if (head_bytes) {
		box->heads++;
		len = len < head_bytes ? len : head_bytes;
	}
	room = taker->begin(taker->arg, mail->uid, len);
	if (!room)
		return;
	memcpy(room, mail->text, len);
	taker->end(taker->arg, mail->uid);
}

static enum eii_rc box_read_bodies(struct eii_mailbox_port *self,
				   const struct eii_body_taker *taker, struct eii_error *err)
{
	struct scripted_mailbox *box = box_of(self);
	size_t slot = box->first_asked;

	box->first_asked = (slot + 1) % 4;
	box->n_commands--;
	for (size_t i = 0; i < box->n_asked[slot]; i++) {
		const struct scripted_mail *mail = find(box, box->asked[slot][i]);

		if (mail && mail->fault == SCRIPTED_REFUSED)
			return eii_fail(err, EII_REJECT, "NO");
	}
	for (size_t i = 0; i < box->n_asked[slot]; i++) {
		const struct scripted_mail *mail = find(box, box->asked[slot][i]);

		if (mail && mail->fault == SCRIPTED_DEADLY)
			return die(box, err);
		if (mail && mail->fault == SCRIPTED_GOOD)
			hand_out(box, mail, box->asked_head[slot], taker);
	}
	return EII_OK;
}

static void box_close(struct eii_mailbox_port *self)
{
	box_of(self)->is_open = false;
	box_of(self)->n_commands = 0;
	box_of(self)->was_cut_at_close = eii_stop_requested(box_of(self)->cut);
}

void scripted_mailbox_init(struct scripted_mailbox *box, uint32_t uidvalidity, uint32_t uidnext)
{
	memset(box, 0, sizeof(*box));
	box->base = (struct eii_mailbox_port){
		.open = box_open,
		.is_open = box_is_open,
		.look = box_look,
		.search_since = box_search_since,
		.search_range = box_search_range,
		.fetch_info = box_fetch_info,
		.send_bodies = box_send_bodies,
		.read_bodies = box_read_bodies,
		.close = box_close,
		.name = "intel@mail.example/INBOX",
	};
	box->folder = (struct eii_folder){ .uidvalidity = uidvalidity, .uidnext = uidnext };
	box->open_rc = EII_RETRY;
}

struct scripted_mail *scripted_mailbox_add(struct scripted_mailbox *box, uint32_t uid,
					   int64_t internal_unix_s, const char *text)
{
	struct scripted_mail *mail = &box->mails[box->n_mails++];

	*mail = (struct scripted_mail){ .uid = uid,
					.internal_unix_s = internal_unix_s,
					.text = text };
	return mail;
}
