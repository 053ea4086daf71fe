/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is, by three witnesses: the type that the mail declares, the
 * ending of its name, and its first bytes (mail/first_bytes.h). The bytes are
 * looked at in the converter; what they are weighed against is the same in
 * both programs.
 */
#ifndef EII_FIELDS_FILE_TYPE_H
#define EII_FIELDS_FILE_TYPE_H

#include <stdbool.h>

#include "eii/base/text.h"

/* What a file's first bytes say. */
enum eii_file_kind {
	EII_FILE_NOT_SEEN, /* not looked at, or empty */
	EII_FILE_UNKNOWN,  /* neither text nor of a signature that is known */
	EII_FILE_TEXT,
	EII_FILE_HTML,
	EII_FILE_XML,
	EII_FILE_PDF,
	EII_FILE_RTF,
	EII_FILE_POSTSCRIPT,
	EII_FILE_OLE, /* Microsoft's compound file: .doc, .xls, .msg, .msi */
	EII_FILE_ONENOTE,
	EII_FILE_ZIP,
	EII_FILE_GZIP,
	EII_FILE_BZIP2,
	EII_FILE_XZ,
	EII_FILE_7Z,
	EII_FILE_RAR,
	EII_FILE_CAB,
	EII_FILE_PNG,
	EII_FILE_JPEG,
	EII_FILE_GIF,
	EII_FILE_WEBP,
	EII_FILE_TIFF,
	EII_FILE_BMP,
	EII_FILE_ISO_MEDIA, /* .mp4, .mov, .heic */
	EII_FILE_RIFF,      /* .wav, .avi */
	EII_FILE_WINDOWS_PROGRAM,
	EII_FILE_UNIX_PROGRAM,
	EII_FILE_SHORTCUT, /* .lnk */
	EII_FILE_WINDOWS_HELP,
	EII_FILE_KINDS, /* how many there are */
};

/* Whether a declared type is one of those that mail programs give to any file. */
bool eii_file_type_says_nothing(struct eii_text declared);

/*
 * The type that a file is taken for: the declared one, by its usual name; where
 * that says nothing, or calls a CSV a workbook, what name and first bytes say.
 * May be the text given.
 */
struct eii_text eii_file_type_judge(struct eii_text declared, struct eii_text name,
				    enum eii_file_kind kind);

/* The type of a kind; NULL for NOT_SEEN and UNKNOWN. */
const char *eii_file_type_of_kind(enum eii_file_kind kind);

/* The type of a name's ending; NULL where it has none, or one of no known type. */
const char *eii_file_type_of_name(struct eii_text name);

/* Whether declared type, name and first bytes can all be true. */
bool eii_file_type_agrees(struct eii_text declared, struct eii_text name, enum eii_file_kind kind);

/* Where the ending with its dot begins, or the name's length; ".bashrc" has none. */
size_t eii_file_ending_at(struct eii_text name);

/* Whether the platform knows a type for an ending ("pdf", any case). */
bool eii_file_ending_is_known(struct eii_text ending);

/* The usual ending of a type; empty where none is known. */
struct eii_text eii_file_ending_of(struct eii_text type);

/* Whether it is one of the endings of a type. */
bool eii_file_ending_is_of(struct eii_text ending, struct eii_text type);

/* Whether a name holds a character that turns the direction of what follows. */
bool eii_file_name_turns(struct eii_text name);

#endif
