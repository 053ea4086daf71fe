/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts whose content another program would open first: S/MIME in one piece
 * (RFC 8551, 3.5.2), which is read, and what is encrypted, which is said.
 */
#include "eii/base/utf8.h"
#include "eii/mail/cms.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

#define START_RAW_BYTES 512  /* of a part, for its first bytes decoded */
#define TEXT_SAMPLE     4096 /* bytes in which no file of bytes is without a NUL */

static bool is_one_of(const struct eii_part *part, const char *const *types)
{
	while (*types && !eii_part_is(part, *types))
		types++;
	return *types;
}

static bool ends_nocase(struct eii_text text, const char *ending)
{
	size_t len = strlen(ending);

	return text.len >= len && eii_text_equal_nocase(eii_text(text.data + text.len - len, len),
							eii_text(ending, len));
}

/* The part's first bytes, decoded. */
static void decode_start(const struct eii_part *part, struct eii_buf *out)
{
	struct eii_part start = *part;

	if (start.raw.len > START_RAW_BYTES)
		start.raw.len = START_RAW_BYTES;
	eii_part_decode(&start, out);
}

static bool starts_as_cms(const struct eii_part *part)
{
	struct eii_buf start;
	bool found;

	eii_buf_init(&start, START_RAW_BYTES + 64);
	decode_start(part, &start);
	found = eii_cms_starts(eii_buf_text(&start));
	eii_buf_clear(&start);
	return found;
}

bool eii_part_is_smime(const struct eii_part *part)
{
	static const char *const types[] = { "application/pkcs7-mime", "application/x-pkcs7-mime",
					     NULL };

	if (is_one_of(part, types))
		return true;
	return eii_part_is(part, "application/octet-stream") &&
	       (ends_nocase(part->name, ".p7m") || starts_as_cms(part));
}

/* ---- what is encrypted ----------------------------------------------------- */

/* OpenPGP's armour (RFC 9580, 6.2). */
static bool starts_as_pgp(const struct eii_part *part)
{
	struct eii_buf start;
	bool found;

	if (!eii_part_is_text(part) && !eii_part_is(part, "application/octet-stream"))
		return false;
	/* Nearly every text: its first byte is no dash. */
	if (part->transfer == EII_TRANSFER_IDENTITY && part->raw.len &&
	    (unsigned char)*part->raw.data > ' ' && *part->raw.data != '-')
		return false;
	eii_buf_init(&start, START_RAW_BYTES + 64);
	decode_start(part, &start);
	found = eii_text_starts_nocase(eii_text_trim(eii_buf_text(&start)),
				       "-----BEGIN PGP MESSAGE-----");
	eii_buf_clear(&start);
	return found;
}

bool eii_part_is_encrypted(const struct eii_part *part)
{
	static const char *const types[] = { "application/pgp-encrypted",
					     "application/x-microsoft-rpmsg-message", NULL };

	return is_one_of(part, types) || starts_as_pgp(part);
}

/* ---- what is signed -------------------------------------------------------- */

/* Does it begin with a header that says what the rest is? */
static bool is_entity(struct eii_text content)
{
	struct eii_header_walk headers;
	struct eii_header header;

	eii_header_walk_init(&headers, content);
	while (eii_header_walk_next(&headers, &header)) {
		if (headers.text.data - content.data > (ptrdiff_t)EII_LIMIT_HEADER_BYTES)
			return false;
		if (eii_text_starts_nocase(header.name, "content-") ||
		    eii_text_equal_nocase(header.name, eii_text_of("mime-version")))
			return true;
	}
	return false;
}

/* "invoice.pdf" of "invoice.pdf.p7m"; empty where the name says no more than "smime.p7m". */
static struct eii_text inner_name(struct eii_text name)
{
	if (!ends_nocase(name, ".p7m"))
		return eii_text(NULL, 0);
	name.len -= strlen(".p7m");
	return memchr(name.data, '.', name.len) ? name : eii_text(NULL, 0);
}

/* A MIME entity, as it should be; else a signed file, or words without a header. */
static enum eii_smime kind_of(struct eii_text content, struct eii_text name)
{
	size_t sample = content.len < TEXT_SAMPLE ? content.len : TEXT_SAMPLE;

	if (is_entity(content))
		return EII_SMIME_ENTITY;
	if (name.len || (sample && memchr(content.data, '\0', sample)))
		return EII_SMIME_FILE;
	return EII_SMIME_TEXT;
}

enum eii_smime eii_smime_open(struct eii_message *message, const struct eii_part *part,
			      struct eii_smime_content *out)
{
	struct eii_buf bytes;
	enum eii_cms result;
	size_t len;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	result = eii_cms_open(&bytes);
	if (result == EII_CMS_ENCRYPTED)
		message->fields->defects |= EII_DEFECT_ENCRYPTED;
	if (result == EII_CMS_UNREADABLE || result == EII_CMS_SIGNED_CUT)
		message->fields->defects |= EII_DEFECT_SIGNED_NOT_READ;
	if (result != EII_CMS_SIGNED && result != EII_CMS_SIGNED_CUT) {
		eii_buf_clear(&bytes);
		return EII_SMIME_NOTHING;
	}
	len = bytes.len;
	out->bytes = eii_message_keep_source(message, eii_buf_detach(&bytes), len);
	out->name = inner_name(part->name);
	return kind_of(out->bytes, out->name);
}
