/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/cms.h"

/* Identifier octets (X.690, 8.1.2); 0x20 says "constructed". */
#define END_OF_CONTENTS 0x00
#define INTEGER         0x02
#define OCTET_STRING    0x04
#define OBJECT_ID       0x06
#define OCTET_STRINGS   0x24
#define SEQUENCE        0x30
#define SET             0x31
#define EXPLICIT_0      0xa0

#define CONSTRUCTED   0x20
#define TAG_NUMBER    0x1f
#define TAG_BYTES_MAX 5
#define LENGTH_BYTES  8

struct reader {
	const char *p;
	const char *end;
};

/* What stands in front of an element's contents. */
struct element {
	unsigned char identifier; /* of a tag number over 30 the first octet */
	bool is_indefinite;
	uint64_t len; /* of the contents, where it is told; may be more than there is */
};

enum content_type {
	TYPE_OTHER,
	TYPE_DATA,
	TYPE_SIGNED,
	TYPE_ENCRYPTED,
};

static size_t left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->p);
}

static bool take_octet(struct reader *reader, unsigned char *out)
{
	if (reader->p >= reader->end)
		return false;
	*out = (unsigned char)*reader->p++;
	return true;
}

static bool take_identifier(struct reader *reader, struct element *out)
{
	unsigned char octet;

	if (!take_octet(reader, &out->identifier))
		return false;
	if ((out->identifier & TAG_NUMBER) != TAG_NUMBER)
		return true;
	for (int i = 0; i < TAG_BYTES_MAX; i++) {
		if (!take_octet(reader, &octet))
			return false;
		if (!(octet & 0x80))
			return true;
	}
	return false;
}

static bool take_length(struct reader *reader, struct element *out)
{
	unsigned char octet;
	int n;

	out->is_indefinite = false;
	out->len = 0;
	if (!take_octet(reader, &octet))
		return false;
	if (!(octet & 0x80)) {
		out->len = octet;
		return true;
	}
	n = octet & 0x7f;
	out->is_indefinite = n == 0;
	if (n == 0)
		return out->identifier & CONSTRUCTED;
	if (n > LENGTH_BYTES)
		return false;
	for (int i = 0; i < n; i++) {
		if (!take_octet(reader, &octet))
			return false;
		out->len = out->len << 8 | octet;
	}
	return true;
}

static bool take_header(struct reader *reader, struct element *out)
{
	return take_identifier(reader, out) && take_length(reader, out);
}

static bool is_end_of_contents(const struct element *element)
{
	return element->identifier == END_OF_CONTENTS && element->len == 0;
}

/* Into an element of this kind, out of which the reader never comes. */
static bool enter(struct reader *reader, unsigned char identifier)
{
	struct element element;

	if (!take_header(reader, &element) || element.identifier != identifier)
		return false;
	if (!element.is_indefinite && element.len < left(reader))
		reader->end = reader->p + element.len;
	return true;
}

/* Over an element of this kind; in one of indefinite length over all that is in it. */
static bool skip(struct reader *reader, unsigned char identifier)
{
	struct element element;
	size_t open = 0;

	if (!take_header(reader, &element) || element.identifier != identifier)
		return false;
	for (;;) {
		if (element.is_indefinite)
			open++;
		else if (open && is_end_of_contents(&element))
			open--;
		else if (element.len <= left(reader))
			reader->p += element.len;
		else
			return false;
		if (!open)
			return true;
		if (!take_header(reader, &element))
			return false;
	}
}

/* Is there one more element in what was entered? */
static bool has_more(const struct reader *reader)
{
	return left(reader) && *reader->p != END_OF_CONTENTS;
}

static bool is_type(struct eii_text oid, const char *prefix, size_t prefix_len, const char *numbers)
{
	return oid.len == prefix_len + 1 && !memcmp(oid.data, prefix, prefix_len) &&
	       strchr(numbers, oid.data[prefix_len]) && oid.data[prefix_len];
}

/* A content type (RFC 5652, 14; RFC 3274; RFC 5083). */
static enum content_type type_of(struct eii_text oid)
{
	static const char pkcs7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
	static const char smime[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01";

	if (is_type(oid, pkcs7, sizeof(pkcs7) - 1, "\1"))
		return TYPE_DATA;
	if (is_type(oid, pkcs7, sizeof(pkcs7) - 1, "\2"))
		return TYPE_SIGNED;
	/* Enveloped, signed and enveloped, encrypted; compressed, authenticated and enveloped. */
	if (is_type(oid, pkcs7, sizeof(pkcs7) - 1, "\3\4\6") ||
	    is_type(oid, smime, sizeof(smime) - 1, "\x09\x17"))
		return TYPE_ENCRYPTED;
	return TYPE_OTHER;
}

static bool take_type(struct reader *reader, enum content_type *out)
{
	struct element element;

	if (!take_header(reader, &element) || element.identifier != OBJECT_ID ||
	    element.len > left(reader))
		return false;
	*out = type_of(eii_text(reader->p, (size_t)element.len));
	reader->p += element.len;
	return true;
}

/* ---- the content ----------------------------------------------------------- */

/* An octet string in pieces that is open. */
struct level {
	const char *end; /* NULL: where its end-of-contents stands */
};

/* The pieces of an octet string, moved together at the front. */
struct gathering {
	struct reader reader;
	char *to;
	struct level levels[EII_CMS_NESTED_MAX];
	size_t n_levels;
	bool is_cut; /* an octet string is longer than what there is */
};

/* False where the piece's end is not there. */
static bool take_piece(struct gathering *g, const struct element *element)
{
	size_t len = element->len < left(&g->reader) ? (size_t)element->len : left(&g->reader);

	memmove(g->to, g->reader.p, len);
	g->to += len;
	g->reader.p += len;
	return len == element->len;
}

static bool open_level(struct gathering *g, const struct element *element)
{
	struct level *level;

	if (g->n_levels == EII_CMS_NESTED_MAX)
		return false;
	level = &g->levels[g->n_levels++];
	level->end = NULL;
	if (element->is_indefinite)
		return true;
	g->is_cut = g->is_cut || element->len > left(&g->reader);
	level->end = g->is_cut ? g->reader.end : g->reader.p + element->len;
	return true;
}

/* Ends the octet strings whose told end is reached. */
static void close_levels(struct gathering *g)
{
	while (g->n_levels && g->levels[g->n_levels - 1].end &&
	       g->reader.p >= g->levels[g->n_levels - 1].end)
		g->n_levels--;
}

static bool take_element(struct gathering *g)
{
	struct element element;

	if (!take_header(&g->reader, &element))
		return false;
	if (element.identifier == OCTET_STRING)
		return take_piece(g, &element);
	if (element.identifier == OCTET_STRINGS)
		return open_level(g, &element);
	if (!is_end_of_contents(&element) || !g->n_levels || g->levels[g->n_levels - 1].end)
		return false;
	g->n_levels--;
	return true;
}

/* False where the octet string breaks off. */
static bool gather(struct gathering *g)
{
	if (!take_element(g))
		return false;
	close_levels(g);
	while (g->n_levels) {
		if (!take_element(g))
			return false;
		close_levels(g);
	}
	return !g->is_cut;
}

/* At the content of a SignedData; without one EII_CMS_EMPTY. */
static enum eii_cms find_content(struct reader *reader)
{
	enum content_type type;

	if (!enter(reader, EXPLICIT_0) || !enter(reader, SEQUENCE) || !skip(reader, INTEGER) ||
	    !skip(reader, SET) || !enter(reader, SEQUENCE) || !take_type(reader, &type))
		return EII_CMS_UNREADABLE;
	if (!has_more(reader))
		return EII_CMS_EMPTY;
	if (type == TYPE_ENCRYPTED)
		return EII_CMS_ENCRYPTED;
	if (type != TYPE_DATA || !enter(reader, EXPLICIT_0) || !left(reader) ||
	    (*reader->p != OCTET_STRING && *reader->p != OCTET_STRINGS))
		return EII_CMS_UNREADABLE;
	return EII_CMS_SIGNED;
}

static bool enter_object(struct reader *reader, enum content_type *out)
{
	return enter(reader, SEQUENCE) && take_type(reader, out);
}

bool eii_cms_starts(struct eii_text bytes)
{
	struct reader reader = { bytes.data, bytes.data + bytes.len };
	enum content_type type;

	return bytes.len && enter_object(&reader, &type) &&
	       (type == TYPE_SIGNED || type == TYPE_ENCRYPTED);
}

enum eii_cms eii_cms_open(struct eii_buf *bytes)
{
	struct gathering g = {
		.reader = { bytes->data, bytes->data + bytes->len },
		.to = bytes->data,
	};
	enum content_type type;
	enum eii_cms result;

	if (!enter_object(&g.reader, &type))
		return EII_CMS_UNREADABLE;
	if (type == TYPE_ENCRYPTED)
		return EII_CMS_ENCRYPTED;
	if (type != TYPE_SIGNED)
		return EII_CMS_UNREADABLE;
	result = find_content(&g.reader);
	if (result != EII_CMS_SIGNED)
		return result;
	result = gather(&g) ? EII_CMS_SIGNED : EII_CMS_SIGNED_CUT;
	bytes->len = (size_t)(g.to - bytes->data);
	bytes->data[bytes->len] = '\0';
	return result;
}
