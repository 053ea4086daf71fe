/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include <stdlib.h>

#include "eii/mail/charset.h"
#include "eii/mail/html.h"
#include "eii/mail/scan.h"

#include "message_private.h"

/* Of the answer's extra bytes, for everything but content and files. */
#define OTHER_BYTES 1048576u /* 1 MiB */

/* One of everything, so that what is made at first use is made. */
static const char warm_up[] = "From: =?utf-8?B?QQ==?= <a@example.org>\r\n"
			      "Subject: =?iso-8859-1?Q?=FC?=\r\n"
			      "Date: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
			      "Content-Type: multipart/mixed; boundary=\"b\"\r\n"
			      "\r\n"
			      "--b\r\n"
			      "Content-Type: text/html; charset=iso-8859-2\r\n"
			      "Content-Transfer-Encoding: quoted-printable\r\n"
			      "\r\n"
			      "<p>=E1<img src=3D\"cid:i\"></p>\r\n"
			      "--b\r\n"
			      "Content-Type: application/octet-stream; name=\"a\"\r\n"
			      "Content-Transfer-Encoding: base64\r\n"
			      "Content-Disposition: attachment; filename*=utf-8''%C3%BC\r\n"
			      "Content-ID: <i>\r\n"
			      "\r\n"
			      "R0lGODlhMTIz\r\n"
			      "--b\r\n"
			      "Content-Type: message/rfc822\r\n"
			      "\r\n"
			      "To: g: b@example.org;\r\n"
			      "Date: Tue, 03 Mar 2026 10:20:30 -0330\r\n"
			      "Content-Type: multipart/signed; boundary=\"c\"\r\n"
			      "\r\n"
			      "--c\r\n"
			      "\r\n"
			      "text\r\n"
			      "--c--\r\n"
			      "--b\r\n"
			      "Content-Type: message/partial; id=\"x\"\r\n"
			      "\r\n"
			      "--b\r\n"
			      "Content-Transfer-Encoding: x-uuencode\r\n"
			      "\r\n"
			      "begin 644 a\n"
			      "#04)#\n"
			      "`\n"
			      "end\r\n"
			      "--b--\r\n";

void eii_message_prepare(void)
{
	static const enum eii_content_mode modes[] = { EII_CONTENT_SAFE, EII_CONTENT_VERBATIM };

	eii_charset_prepare();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const struct eii_convert_settings settings = { .content = modes[i],
							       .inline_image_bytes = 1024 };
		EII_AUTO(eii_fields) fields = NULL;

		if (eii_message_read(warm_up, sizeof(warm_up) - 1, &settings, &fields, NULL))
			abort(); /* our own mail: a bug of ours */
	}
}

unsigned int eii_message_missing_charsets(void)
{
	return eii_charset_missing();
}

/* The mail, or a copy that lives as long as the message, whose lines end in LF. */
static struct eii_text with_lines(struct eii_message *message, struct eii_text mail)
{
	struct eii_buf copy;
	size_t len;

	if (!eii_bare_cr(mail, &copy))
		return mail;
	len = copy.len;
	return eii_message_keep_source(message, eii_buf_detach(&copy), len);
}

enum eii_rc eii_message_read(const char *mail, size_t len,
			     const struct eii_convert_settings *settings, struct eii_fields **out,
			     struct eii_error *err)
{
	struct eii_message message = { .settings = settings };
	struct eii_fields *fields;

	if (len > EII_LIMIT_MAIL_BYTES_MAX)
		return eii_fail(err, EII_REJECT, "a mail of %zu bytes is over the limit of %u", len,
				EII_LIMIT_MAIL_BYTES_MAX);
	fields = eii_fields_new();
	message.fields = fields;
	message.mail = with_lines(&message, eii_text(mail, len));
	message.budget = (uint64_t)len * EII_LIMIT_ANSWER_FACTOR + EII_LIMIT_ANSWER_EXTRA_BYTES -
			 OTHER_BYTES;
	eii_header_read(message.mail, fields);
	eii_structure_read(&message, message.mail);
	eii_content_choose(&message);
	eii_attachments_find(&message);
	eii_content_write(&message);
	if (settings->asks_tlp)
		fields->tlp = eii_message_tlp(&message);
	eii_attachments_write(&message);
	eii_message_clear(&message);
	*out = fields;
	return EII_OK;
}
