/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/mail.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

struct eii_mail *eii_mail_new(uint32_t uid)
{
	struct eii_mail *mail = EII_NEW(struct eii_mail);

	mail->uid = uid;
	mail->milliseconds = -1;
	return mail;
}

void eii_mail_free(struct eii_mail *mail)
{
	if (!mail)
		return;
	free(mail->raw);
	free(mail);
}

void eii_mail_list_push(struct eii_mail_list *list, struct eii_mail *mail)
{
	mail->next = NULL;
	if (list->last)
		list->last->next = mail;
	else
		list->first = mail;
	list->last = mail;
	list->n++;
}

void eii_mail_list_push_front(struct eii_mail_list *list, struct eii_mail *mail)
{
	mail->next = list->first;
	list->first = mail;
	if (!list->last)
		list->last = mail;
	list->n++;
}

struct eii_mail *eii_mail_list_pop(struct eii_mail_list *list)
{
	struct eii_mail *mail = list->first;

	if (!mail)
		return NULL;
	list->first = mail->next;
	if (!list->first)
		list->last = NULL;
	mail->next = NULL;
	list->n--;
	return mail;
}

void eii_mail_list_insert(struct eii_mail_list *list, struct eii_mail *mail)
{
	struct eii_mail *before = list->first;

	if (!before || before->uid > mail->uid) {
		eii_mail_list_push_front(list, mail);
		return;
	}
	if (list->last->uid < mail->uid) {
		eii_mail_list_push(list, mail);
		return;
	}
	while (before->next && before->next->uid < mail->uid)
		before = before->next;
	mail->next = before->next;
	before->next = mail;
	list->n++;
}
