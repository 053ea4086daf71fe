/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every limit on what one mail may be or become. Beyond a limit the mail is
 * still a report, made of what was read, with the raw mail attached: nothing is
 * dropped. Figures: those of Dovecot and rspamd where theirs fit.
 */
#ifndef EII_FIELDS_LIMITS_H
#define EII_FIELDS_LIMITS_H

#define EII_LIMIT_PARTS               10000
#define EII_LIMIT_DEPTH               1000
#define EII_LIMIT_OPENED              8 /* signed parts and TNEF in one another that are read */
#define EII_LIMIT_RTF_BYTES           16777216u /* 16 MiB: RTF of TNEF, and what is read of it */
#define EII_LIMIT_HEADER_BLOCK_BYTES  10485760u /* 10 MiB: the top header block */
#define EII_LIMIT_HEADER_BYTES        262144u   /* 256 KiB: one field, folded lines included */
#define EII_LIMIT_PARAMETERS          128       /* of one header field (RFC 2231) */
#define EII_LIMIT_ATTACHMENTS         256
#define EII_LIMIT_MAIL_BYTES_MAX      536870912u /* 512 MiB: of the setting; its default is 50 MiB */
#define EII_LIMIT_CPU_S               5          /* of the converter for one mail */
#define EII_LIMIT_ADDRESS_SPACE_BYTES 536870912u /* 512 MiB */
#define EII_LIMIT_SCAN_BYTES          65536u     /* 64 KiB: of a mail for the header scanner */

/* Ceilings of single values, in bytes of UTF-8; longer ones are cut at a character. */
#define EII_LIMIT_SUBJECT_BYTES 65536u
#define EII_LIMIT_ADDRESS_BYTES 1024
#define EII_LIMIT_RECIPIENTS_BYTES                                                                 \
	65536u /* of all of them; those that do not fit are not there                              \
		*/
#define EII_LIMIT_MESSAGE_ID_BYTES 1024
#define EII_LIMIT_FILE_NAME_BYTES  4096
#define EII_LIMIT_MIME_TYPE_BYTES  127
#define EII_LIMIT_AUTHORITY_BYTES  255

/* What a converter's answer may hold beyond the bytes of the mail itself. */
#define EII_LIMIT_ANSWER_FACTOR      8        /* HTML escapes and charsets make text longer */
#define EII_LIMIT_ANSWER_EXTRA_BYTES 4194304u /* 4 MiB */

#endif
