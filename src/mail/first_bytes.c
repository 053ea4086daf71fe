/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/first_bytes.h"

#define PDF_MAX 1024 /* readers look for "%PDF-" so far */

struct signature {
	enum eii_file_kind kind;
	size_t at;
	size_t len;
	const char *bytes;
};

/* clang-format off */
static const struct signature signatures[] = {
	{ EII_FILE_RTF, 0, 4, "{\\rt" },
	{ EII_FILE_POSTSCRIPT, 0, 4, "%!PS" },
	{ EII_FILE_POSTSCRIPT, 0, 4, "\xc5\xd0\xd3\xc6" },
	{ EII_FILE_OLE, 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
	{ EII_FILE_ONENOTE, 0, 16, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3" },
	{ EII_FILE_ONENOTE, 0, 16, "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f" },
	{ EII_FILE_ZIP, 0, 4, "PK\x03\x04" },
	{ EII_FILE_ZIP, 0, 4, "PK\x05\x06" },
	{ EII_FILE_GZIP, 0, 3, "\x1f\x8b\x08" },
	{ EII_FILE_BZIP2, 0, 3, "BZh" },
	{ EII_FILE_XZ, 0, 6, "\xfd" "7zXZ\0" },
	{ EII_FILE_7Z, 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ EII_FILE_RAR, 0, 6, "Rar!\x1a\x07" },
	{ EII_FILE_CAB, 0, 8, "MSCF\0\0\0\0" },
	{ EII_FILE_PNG, 0, 8, "\x89PNG\r\n\x1a\n" },
	{ EII_FILE_JPEG, 0, 3, "\xff\xd8\xff" },
	{ EII_FILE_GIF, 0, 6, "GIF87a" },
	{ EII_FILE_GIF, 0, 6, "GIF89a" },
	{ EII_FILE_WEBP, 8, 4, "WEBP" },
	{ EII_FILE_RIFF, 8, 4, "WAVE" },
	{ EII_FILE_RIFF, 8, 4, "AVI " },
	{ EII_FILE_TIFF, 0, 4, "II*\0" },
	{ EII_FILE_TIFF, 0, 4, "MM\0*" },
	{ EII_FILE_ISO_MEDIA, 4, 4, "ftyp" },
	{ EII_FILE_UNIX_PROGRAM, 0, 4, "\x7f" "ELF" },
	{ EII_FILE_UNIX_PROGRAM, 0, 4, "\xcf\xfa\xed\xfe" },
	{ EII_FILE_UNIX_PROGRAM, 0, 4, "\xce\xfa\xed\xfe" },
	{ EII_FILE_SHORTCUT, 0, 8, "\x4c\0\0\0\x01\x14\x02\0" },
	{ EII_FILE_WINDOWS_HELP, 0, 4, "ITSF" },
};
/* clang-format on */

static bool has_at(struct eii_text file, size_t at, const char *bytes, size_t len)
{
	return file.len >= at && file.len - at >= len && memcmp(file.data + at, bytes, len) == 0;
}

static enum eii_file_kind by_signature(struct eii_text file)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *s = &signatures[i];

		if (has_at(file, s->at, s->bytes, s->len) &&
		    (s->at != 8 || has_at(file, 0, "RIFF", 4)))
			return s->kind;
	}
	return EII_FILE_UNKNOWN;
}

static uint32_t number_at(struct eii_text file, size_t at)
{
	uint32_t n = 0;

	for (size_t i = 0; i < 4; i++)
		n |= (uint32_t)(unsigned char)file.data[at + i] << (8 * i);
	return n;
}

/* "MZ" and "BM" alone begin many a text: what follows has to fit. */
static enum eii_file_kind by_short_signature(struct eii_text file)
{
	if (has_at(file, 0, "MZ", 2) && file.len >= 64)
		return EII_FILE_WINDOWS_PROGRAM;
	if (has_at(file, 0, "BM", 2) && file.len >= 18 && number_at(file, 6) == 0 &&
	    number_at(file, 14) <= 124)
		return EII_FILE_BMP;
	return EII_FILE_UNKNOWN;
}

static bool is_pdf(struct eii_text file)
{
	if (file.len > PDF_MAX)
		file.len = PDF_MAX;
	return eii_text_find(file, "%PDF-") != NULL;
}

/* ---- text -------------------------------------------------------------------- */

static bool is_utf16(struct eii_text file)
{
	return has_at(file, 0, "\xff\xfe", 2) || has_at(file, 0, "\xfe\xff", 2);
}

/* No byte that no text has; escapes are those of ISO-2022 charsets. */
static bool is_text(struct eii_text file)
{
	if (is_utf16(file))
		return true;
	for (size_t i = 0; i < file.len; i++) {
		const unsigned char c = (unsigned char)file.data[i];

		if (c == 0x7f || (c < 0x20 && c != 0x1b && (c < '\b' || c > '\r')))
			return false;
	}
	return true;
}

static struct eii_text without_lead(struct eii_text file)
{
	if (has_at(file, 0, "\xef\xbb\xbf", 3))
		file = eii_text(file.data + 3, file.len - 3);
	return eii_text_trim(file);
}

static enum eii_file_kind text_kind(struct eii_text file)
{
	static const char *const pages[] = { "<!doctype html", "<html",   "<head",
					     "<body",          "<script", "<svg" };

	file = without_lead(file);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (eii_text_starts_nocase(file, pages[i]))
			return EII_FILE_HTML;
	}
	return eii_text_starts_nocase(file, "<?xml") ? EII_FILE_XML : EII_FILE_TEXT;
}

enum eii_file_kind eii_first_bytes_kind(struct eii_text file)
{
	enum eii_file_kind kind;

	if (!file.len)
		return EII_FILE_NOT_SEEN;
	if (file.len > EII_FIRST_BYTES_MAX)
		file.len = EII_FIRST_BYTES_MAX;
	kind = by_signature(file);
	if (kind != EII_FILE_UNKNOWN)
		return kind;
	if (is_pdf(file))
		return EII_FILE_PDF;
	if (is_text(file))
		return text_kind(file);
	return by_short_signature(file);
}
