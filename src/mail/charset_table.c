/* SPDX-License-Identifier: Apache-2.0 */
#include "charset_table.h"

#include <stdbool.h>
#include <stdlib.h>

#define LABEL_MAX 32

/*
 * Held open in this order. Some are read as the superset that mail programs mean:
 * CP932, UHC and CP874 stand for shift_jis, euc-kr and tis-620 (WHATWG Encoding).
 */
static const struct eii_charset charsets[] = {
	{ "GB18030", EII_FORM_BYTES },
	{ "WINDOWS-1250", EII_FORM_BYTES },
	{ "WINDOWS-1251", EII_FORM_BYTES },
	{ "WINDOWS-1253", EII_FORM_BYTES },
	{ "WINDOWS-1254", EII_FORM_BYTES },
	{ "WINDOWS-1255", EII_FORM_BYTES },
	{ "WINDOWS-1256", EII_FORM_BYTES },
	{ "WINDOWS-1257", EII_FORM_BYTES },
	{ "WINDOWS-1258", EII_FORM_BYTES },
	{ "ISO-8859-2", EII_FORM_BYTES },
	{ "ISO-8859-3", EII_FORM_BYTES },
	{ "ISO-8859-4", EII_FORM_BYTES },
	{ "ISO-8859-5", EII_FORM_BYTES },
	{ "ISO-8859-6", EII_FORM_BYTES },
	{ "ISO-8859-7", EII_FORM_BYTES },
	{ "ISO-8859-8", EII_FORM_BYTES },
	{ "ISO-8859-10", EII_FORM_BYTES },
	{ "ISO-8859-13", EII_FORM_BYTES },
	{ "ISO-8859-14", EII_FORM_BYTES },
	{ "ISO-8859-15", EII_FORM_BYTES },
	{ "ISO-8859-16", EII_FORM_BYTES },
	{ "KOI8-R", EII_FORM_BYTES },
	{ "KOI8-U", EII_FORM_BYTES },
	{ "KOI8-T", EII_FORM_BYTES },
	{ "MACINTOSH", EII_FORM_BYTES },
	{ "MAC-CYRILLIC", EII_FORM_BYTES },
	{ "ISO-2022-JP", EII_FORM_STATEFUL },
	{ "ISO-2022-JP-2", EII_FORM_STATEFUL },
	{ "ISO-2022-KR", EII_FORM_STATEFUL },
	{ "ISO-2022-CN", EII_FORM_STATEFUL },
	{ "CP932", EII_FORM_BYTES },
	{ "EUC-JP-MS", EII_FORM_BYTES },
	{ "UHC", EII_FORM_BYTES },
	{ "EUC-TW", EII_FORM_BYTES },
	{ "BIG5", EII_FORM_BYTES },
	{ "BIG5-HKSCS", EII_FORM_BYTES },
	{ "JOHAB", EII_FORM_BYTES },
	{ "UTF-7", EII_FORM_UTF_7 },
	{ "UTF-16", EII_FORM_UNITS_2 },
	{ "UTF-16LE", EII_FORM_UNITS_2 },
	{ "UTF-16BE", EII_FORM_UNITS_2 },
	{ "UTF-32", EII_FORM_UNITS_4 },
	{ "UTF-32LE", EII_FORM_UNITS_4 },
	{ "UTF-32BE", EII_FORM_UNITS_4 },
	{ "IBM437", EII_FORM_BYTES },
	{ "IBM850", EII_FORM_BYTES },
	{ "IBM852", EII_FORM_BYTES },
	{ "IBM855", EII_FORM_BYTES },
	{ "IBM866", EII_FORM_BYTES },
	{ "IBM037", EII_FORM_STATEFUL },
	{ "CP874", EII_FORM_BYTES },
	{ "TCVN", EII_FORM_BYTES },
	{ "VISCII", EII_FORM_BYTES },
	{ "CP737", EII_FORM_BYTES },
	{ "IBM857", EII_FORM_BYTES },
	{ "IBM862", EII_FORM_BYTES },
	{ "IBM864", EII_FORM_BYTES },
	{ "ARMSCII-8", EII_FORM_BYTES },
	{ "GEORGIAN-PS", EII_FORM_BYTES },
	{ "PT154", EII_FORM_BYTES },
	{ "HP-ROMAN8", EII_FORM_BYTES },
};

struct label {
	const char *name; /* lower case, letters and digits only */
	enum eii_charset_kind kind;
	unsigned char index; /* of charsets, for ICONV */
};

/* Sorted by name. Labels of the WHATWG Encoding Standard, of glibc and of mails seen. */
/* clang-format off */
static const struct label labels[] = {
	{ "437", EII_CHARSET_ICONV, 44 }, /* IBM437 */
	{ "5601", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "850", EII_CHARSET_ICONV, 45 }, /* IBM850 */
	{ "852", EII_CHARSET_ICONV, 46 }, /* IBM852 */
	{ "866", EII_CHARSET_ICONV, 48 }, /* IBM866 */
	{ "88591", EII_CHARSET_WINDOWS_1252, 0 },
	{ "885915", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "88592", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "88599", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "ansi1250", EII_CHARSET_ICONV, 1 }, /* WINDOWS-1250 */
	{ "ansi1251", EII_CHARSET_ICONV, 2 }, /* WINDOWS-1251 */
	{ "ansi1252", EII_CHARSET_WINDOWS_1252, 0 },
	{ "ansi1253", EII_CHARSET_ICONV, 3 }, /* WINDOWS-1253 */
	{ "ansi1255", EII_CHARSET_ICONV, 5 }, /* WINDOWS-1255 */
	{ "ansi1256", EII_CHARSET_ICONV, 6 }, /* WINDOWS-1256 */
	{ "ansi1257", EII_CHARSET_ICONV, 7 }, /* WINDOWS-1257 */
	{ "ansi1258", EII_CHARSET_ICONV, 8 }, /* WINDOWS-1258 */
	{ "arabic", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "armscii8", EII_CHARSET_ICONV, 57 }, /* ARMSCII-8 */
	{ "asmo708", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "big5", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "big5eten", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "big5hkscs", EII_CHARSET_ICONV, 35 }, /* BIG5-HKSCS */
	{ "big5hkscs2004", EII_CHARSET_ICONV, 35 }, /* BIG5-HKSCS */
	{ "chinese", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "cnbig5", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "cngb", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "cp037", EII_CHARSET_ICONV, 49 }, /* IBM037 */
	{ "cp1250", EII_CHARSET_ICONV, 1 }, /* WINDOWS-1250 */
	{ "cp1251", EII_CHARSET_ICONV, 2 }, /* WINDOWS-1251 */
	{ "cp1252", EII_CHARSET_WINDOWS_1252, 0 },
	{ "cp1253", EII_CHARSET_ICONV, 3 }, /* WINDOWS-1253 */
	{ "cp1254", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "cp1255", EII_CHARSET_ICONV, 5 }, /* WINDOWS-1255 */
	{ "cp1256", EII_CHARSET_ICONV, 6 }, /* WINDOWS-1256 */
	{ "cp1257", EII_CHARSET_ICONV, 7 }, /* WINDOWS-1257 */
	{ "cp1258", EII_CHARSET_ICONV, 8 }, /* WINDOWS-1258 */
	{ "cp1361", EII_CHARSET_ICONV, 36 }, /* JOHAB */
	{ "cp437", EII_CHARSET_ICONV, 44 }, /* IBM437 */
	{ "cp50220", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "cp50221", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "cp50222", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "cp65001", EII_CHARSET_UTF8, 0 },
	{ "cp737", EII_CHARSET_ICONV, 53 }, /* CP737 */
	{ "cp819", EII_CHARSET_WINDOWS_1252, 0 },
	{ "cp850", EII_CHARSET_ICONV, 45 }, /* IBM850 */
	{ "cp852", EII_CHARSET_ICONV, 46 }, /* IBM852 */
	{ "cp855", EII_CHARSET_ICONV, 47 }, /* IBM855 */
	{ "cp857", EII_CHARSET_ICONV, 54 }, /* IBM857 */
	{ "cp862", EII_CHARSET_ICONV, 55 }, /* IBM862 */
	{ "cp864", EII_CHARSET_ICONV, 56 }, /* IBM864 */
	{ "cp866", EII_CHARSET_ICONV, 48 }, /* IBM866 */
	{ "cp874", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "cp932", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "cp936", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "cp949", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "cp950", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "csbig5", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "cseuckr", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "cseucpkdfmtjapanese", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "csgb2312", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "csibm866", EII_CHARSET_ICONV, 48 }, /* IBM866 */
	{ "csiso2022jp", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "csiso2022jp2", EII_CHARSET_ICONV, 27 }, /* ISO-2022-JP-2 */
	{ "csiso2022kr", EII_CHARSET_ICONV, 28 }, /* ISO-2022-KR */
	{ "csiso58gb231280", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "csiso88596e", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "csiso88596i", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "csiso88598e", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "csiso88598i", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "csisolatin1", EII_CHARSET_WINDOWS_1252, 0 },
	{ "csisolatin2", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "csisolatin3", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "csisolatin4", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "csisolatin5", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "csisolatin6", EII_CHARSET_ICONV, 16 }, /* ISO-8859-10 */
	{ "csisolatin9", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "csisolatinarabic", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "csisolatincyrillic", EII_CHARSET_ICONV, 12 }, /* ISO-8859-5 */
	{ "csisolatingreek", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "csisolatinhebrew", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "cskoi8r", EII_CHARSET_ICONV, 21 }, /* KOI8-R */
	{ "cskoi8u", EII_CHARSET_ICONV, 22 }, /* KOI8-U */
	{ "csksc56011987", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "csmacintosh", EII_CHARSET_ICONV, 24 }, /* MACINTOSH */
	{ "csshiftjis", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "csunicode", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "csunicode11utf7", EII_CHARSET_ICONV, 37 }, /* UTF-7 */
	{ "csutf8", EII_CHARSET_UTF8, 0 },
	{ "cyrillic", EII_CHARSET_ICONV, 12 }, /* ISO-8859-5 */
	{ "dos862", EII_CHARSET_ICONV, 55 }, /* IBM862 */
	{ "dos874", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "ebcdiccpus", EII_CHARSET_ICONV, 49 }, /* IBM037 */
	{ "ecma114", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "ecma118", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "elot928", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "euccn", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "eucjp", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "eucjpms", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "euckr", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "euctw", EII_CHARSET_ICONV, 33 }, /* EUC-TW */
	{ "gb18030", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "gb180302000", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "gb1988", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "gb2312", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "gb231280", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "gbk", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "georgianps", EII_CHARSET_ICONV, 58 }, /* GEORGIAN-PS */
	{ "greek", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "greek8", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "hebrew", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "hproman8", EII_CHARSET_ICONV, 60 }, /* HP-ROMAN8 */
	{ "hz", EII_CHARSET_HZ, 0 },
	{ "hzgb", EII_CHARSET_HZ, 0 },
	{ "hzgb2312", EII_CHARSET_HZ, 0 },
	{ "ibm037", EII_CHARSET_ICONV, 49 }, /* IBM037 */
	{ "ibm437", EII_CHARSET_ICONV, 44 }, /* IBM437 */
	{ "ibm737", EII_CHARSET_ICONV, 53 }, /* CP737 */
	{ "ibm819", EII_CHARSET_WINDOWS_1252, 0 },
	{ "ibm850", EII_CHARSET_ICONV, 45 }, /* IBM850 */
	{ "ibm852", EII_CHARSET_ICONV, 46 }, /* IBM852 */
	{ "ibm855", EII_CHARSET_ICONV, 47 }, /* IBM855 */
	{ "ibm857", EII_CHARSET_ICONV, 54 }, /* IBM857 */
	{ "ibm862", EII_CHARSET_ICONV, 55 }, /* IBM862 */
	{ "ibm864", EII_CHARSET_ICONV, 56 }, /* IBM864 */
	{ "ibm866", EII_CHARSET_ICONV, 48 }, /* IBM866 */
	{ "iso10646ucs2", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "iso2022cn", EII_CHARSET_ICONV, 29 }, /* ISO-2022-CN */
	{ "iso2022cnext", EII_CHARSET_ICONV, 29 }, /* ISO-2022-CN */
	{ "iso2022jp", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "iso2022jp1", EII_CHARSET_ICONV, 27 }, /* ISO-2022-JP-2 */
	{ "iso2022jp2", EII_CHARSET_ICONV, 27 }, /* ISO-2022-JP-2 */
	{ "iso2022jpms", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "iso2022kr", EII_CHARSET_ICONV, 28 }, /* ISO-2022-KR */
	{ "iso88591", EII_CHARSET_WINDOWS_1252, 0 },
	{ "iso885910", EII_CHARSET_ICONV, 16 }, /* ISO-8859-10 */
	{ "iso885911", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "iso885911987", EII_CHARSET_WINDOWS_1252, 0 },
	{ "iso885913", EII_CHARSET_ICONV, 17 }, /* ISO-8859-13 */
	{ "iso885914", EII_CHARSET_ICONV, 18 }, /* ISO-8859-14 */
	{ "iso885915", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "iso885916", EII_CHARSET_ICONV, 20 }, /* ISO-8859-16 */
	{ "iso88592", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "iso885921987", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "iso88593", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "iso885931988", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "iso88594", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "iso885941988", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "iso88595", EII_CHARSET_ICONV, 12 }, /* ISO-8859-5 */
	{ "iso885951988", EII_CHARSET_ICONV, 12 }, /* ISO-8859-5 */
	{ "iso88596", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "iso885961987", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "iso88596e", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "iso88596i", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "iso88597", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "iso885971987", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "iso88598", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "iso885981988", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "iso88598e", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "iso88598i", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "iso88599", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "iso885991989", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "isoir100", EII_CHARSET_WINDOWS_1252, 0 },
	{ "isoir101", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "isoir109", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "isoir110", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "isoir126", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "isoir127", EII_CHARSET_ICONV, 13 }, /* ISO-8859-6 */
	{ "isoir138", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "isoir144", EII_CHARSET_ICONV, 12 }, /* ISO-8859-5 */
	{ "isoir148", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "isoir149", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "isoir157", EII_CHARSET_ICONV, 16 }, /* ISO-8859-10 */
	{ "isoir58", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "isolatin1", EII_CHARSET_WINDOWS_1252, 0 },
	{ "jis", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "johab", EII_CHARSET_ICONV, 36 }, /* JOHAB */
	{ "koi", EII_CHARSET_ICONV, 21 }, /* KOI8-R */
	{ "koi8", EII_CHARSET_ICONV, 21 }, /* KOI8-R */
	{ "koi8r", EII_CHARSET_ICONV, 21 }, /* KOI8-R */
	{ "koi8ru", EII_CHARSET_ICONV, 22 }, /* KOI8-U */
	{ "koi8t", EII_CHARSET_ICONV, 23 }, /* KOI8-T */
	{ "koi8u", EII_CHARSET_ICONV, 22 }, /* KOI8-U */
	{ "korean", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "ksc5601", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "ksc56011987", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "ksc56011989", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "ksx1001", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "l1", EII_CHARSET_WINDOWS_1252, 0 },
	{ "l10", EII_CHARSET_ICONV, 20 }, /* ISO-8859-16 */
	{ "l2", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "l3", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "l4", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "l5", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "l6", EII_CHARSET_ICONV, 16 }, /* ISO-8859-10 */
	{ "l7", EII_CHARSET_ICONV, 17 }, /* ISO-8859-13 */
	{ "l8", EII_CHARSET_ICONV, 18 }, /* ISO-8859-14 */
	{ "l9", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "latin0", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "latin1", EII_CHARSET_WINDOWS_1252, 0 },
	{ "latin10", EII_CHARSET_ICONV, 20 }, /* ISO-8859-16 */
	{ "latin2", EII_CHARSET_ICONV, 9 }, /* ISO-8859-2 */
	{ "latin3", EII_CHARSET_ICONV, 10 }, /* ISO-8859-3 */
	{ "latin4", EII_CHARSET_ICONV, 11 }, /* ISO-8859-4 */
	{ "latin5", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "latin6", EII_CHARSET_ICONV, 16 }, /* ISO-8859-10 */
	{ "latin7", EII_CHARSET_ICONV, 17 }, /* ISO-8859-13 */
	{ "latin8", EII_CHARSET_ICONV, 18 }, /* ISO-8859-14 */
	{ "latin9", EII_CHARSET_ICONV, 19 }, /* ISO-8859-15 */
	{ "logical", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "mac", EII_CHARSET_ICONV, 24 }, /* MACINTOSH */
	{ "maccyrillic", EII_CHARSET_ICONV, 25 }, /* MAC-CYRILLIC */
	{ "macintosh", EII_CHARSET_ICONV, 24 }, /* MACINTOSH */
	{ "macroman", EII_CHARSET_ICONV, 24 }, /* MACINTOSH */
	{ "ms932", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "ms936", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "ms949", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "mskanji", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "pt154", EII_CHARSET_ICONV, 59 }, /* PT154 */
	{ "ptcp154", EII_CHARSET_ICONV, 59 }, /* PT154 */
	{ "roman8", EII_CHARSET_ICONV, 60 }, /* HP-ROMAN8 */
	{ "shiftjis", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "shiftjis2004", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "shiftjisx0213", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "sjis", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "suneugreek", EII_CHARSET_ICONV, 14 }, /* ISO-8859-7 */
	{ "tcvn", EII_CHARSET_ICONV, 51 }, /* TCVN */
	{ "tcvn5712", EII_CHARSET_ICONV, 51 }, /* TCVN */
	{ "tis620", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "tis6200", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "ucs2", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "ucs2be", EII_CHARSET_ICONV, 40 }, /* UTF-16BE */
	{ "ucs2le", EII_CHARSET_ICONV, 39 }, /* UTF-16LE */
	{ "ucs4", EII_CHARSET_ICONV, 41 }, /* UTF-32 */
	{ "uhc", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "ujis", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "unicode", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "unicode11utf7", EII_CHARSET_ICONV, 37 }, /* UTF-7 */
	{ "unicode11utf8", EII_CHARSET_UTF8, 0 },
	{ "unicode20utf8", EII_CHARSET_UTF8, 0 },
	{ "unicodefeff", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "unicodefffe", EII_CHARSET_ICONV, 40 }, /* UTF-16BE */
	{ "utf16", EII_CHARSET_ICONV, 38 }, /* UTF-16 */
	{ "utf16be", EII_CHARSET_ICONV, 40 }, /* UTF-16BE */
	{ "utf16le", EII_CHARSET_ICONV, 39 }, /* UTF-16LE */
	{ "utf32", EII_CHARSET_ICONV, 41 }, /* UTF-32 */
	{ "utf32be", EII_CHARSET_ICONV, 43 }, /* UTF-32BE */
	{ "utf32le", EII_CHARSET_ICONV, 42 }, /* UTF-32LE */
	{ "utf7", EII_CHARSET_ICONV, 37 }, /* UTF-7 */
	{ "utf8", EII_CHARSET_UTF8, 0 },
	{ "utf8mb4", EII_CHARSET_UTF8, 0 },
	{ "utf8sig", EII_CHARSET_UTF8, 0 },
	{ "viscii", EII_CHARSET_ICONV, 52 }, /* VISCII */
	{ "visual", EII_CHARSET_ICONV, 15 }, /* ISO-8859-8 */
	{ "win1250", EII_CHARSET_ICONV, 1 }, /* WINDOWS-1250 */
	{ "win1251", EII_CHARSET_ICONV, 2 }, /* WINDOWS-1251 */
	{ "win1252", EII_CHARSET_WINDOWS_1252, 0 },
	{ "win1253", EII_CHARSET_ICONV, 3 }, /* WINDOWS-1253 */
	{ "win1254", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "win1255", EII_CHARSET_ICONV, 5 }, /* WINDOWS-1255 */
	{ "win1256", EII_CHARSET_ICONV, 6 }, /* WINDOWS-1256 */
	{ "win1257", EII_CHARSET_ICONV, 7 }, /* WINDOWS-1257 */
	{ "win1258", EII_CHARSET_ICONV, 8 }, /* WINDOWS-1258 */
	{ "windows1250", EII_CHARSET_ICONV, 1 }, /* WINDOWS-1250 */
	{ "windows1251", EII_CHARSET_ICONV, 2 }, /* WINDOWS-1251 */
	{ "windows1252", EII_CHARSET_WINDOWS_1252, 0 },
	{ "windows1253", EII_CHARSET_ICONV, 3 }, /* WINDOWS-1253 */
	{ "windows1254", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "windows1255", EII_CHARSET_ICONV, 5 }, /* WINDOWS-1255 */
	{ "windows1256", EII_CHARSET_ICONV, 6 }, /* WINDOWS-1256 */
	{ "windows1257", EII_CHARSET_ICONV, 7 }, /* WINDOWS-1257 */
	{ "windows1258", EII_CHARSET_ICONV, 8 }, /* WINDOWS-1258 */
	{ "windows31j", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "windows874", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "windows932", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "windows936", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "windows949", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "windows950", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "windowslatin1", EII_CHARSET_WINDOWS_1252, 0 },
	{ "xansi", EII_CHARSET_WINDOWS_1252, 0 },
	{ "xbig5", EII_CHARSET_ICONV, 34 }, /* BIG5 */
	{ "xcp1250", EII_CHARSET_ICONV, 1 }, /* WINDOWS-1250 */
	{ "xcp1251", EII_CHARSET_ICONV, 2 }, /* WINDOWS-1251 */
	{ "xcp1252", EII_CHARSET_WINDOWS_1252, 0 },
	{ "xcp1253", EII_CHARSET_ICONV, 3 }, /* WINDOWS-1253 */
	{ "xcp1254", EII_CHARSET_ICONV, 4 }, /* WINDOWS-1254 */
	{ "xcp1255", EII_CHARSET_ICONV, 5 }, /* WINDOWS-1255 */
	{ "xcp1256", EII_CHARSET_ICONV, 6 }, /* WINDOWS-1256 */
	{ "xcp1257", EII_CHARSET_ICONV, 7 }, /* WINDOWS-1257 */
	{ "xcp1258", EII_CHARSET_ICONV, 8 }, /* WINDOWS-1258 */
	{ "xeuc", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "xeuccn", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "xeucjp", EII_CHARSET_ICONV, 31 }, /* EUC-JP-MS */
	{ "xeuckr", EII_CHARSET_ICONV, 32 }, /* UHC */
	{ "xeuctw", EII_CHARSET_ICONV, 33 }, /* EUC-TW */
	{ "xgbk", EII_CHARSET_ICONV, 0 }, /* GB18030 */
	{ "xiso2022jp", EII_CHARSET_ICONV, 26 }, /* ISO-2022-JP */
	{ "xmaccyrillic", EII_CHARSET_ICONV, 25 }, /* MAC-CYRILLIC */
	{ "xmacroman", EII_CHARSET_ICONV, 24 }, /* MACINTOSH */
	{ "xmacukrainian", EII_CHARSET_ICONV, 25 }, /* MAC-CYRILLIC */
	{ "xsjis", EII_CHARSET_ICONV, 30 }, /* CP932 */
	{ "xunicode20utf7", EII_CHARSET_ICONV, 37 }, /* UTF-7 */
	{ "xunicode20utf8", EII_CHARSET_UTF8, 0 },
	{ "xwindows874", EII_CHARSET_ICONV, 50 }, /* CP874 */
	{ "xxbig5", EII_CHARSET_ICONV, 34 }, /* BIG5 */
};
/* clang-format on */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

const struct eii_charset *eii_charset_table(size_t *out_n)
{
	*out_n = ARRAY_LEN(charsets);
	return charsets;
}

/* Letters and digits of a label in lower case; false for what can be no label. */
static bool fold_label(struct eii_text label, char out[LABEL_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < label.len; i++) {
		char c = eii_ascii_lower(label.data[i]);

		if (c == '\0' || (c & 0x80) || n == LABEL_MAX - 1)
			return false;
		if (c == '*')
			break; /* a language tag follows (RFC 2231, 5) */
		if (eii_is_ascii_alpha(c) || eii_is_ascii_digit(c))
			out[n++] = c;
	}
	out[n] = '\0';
	return n != 0;
}

static int compare_label(const void *key, const void *row)
{
	return strcmp(key, ((const struct label *)row)->name);
}

enum eii_charset_kind eii_charset_lookup(struct eii_text label, size_t *out_index)
{
	const struct label *found;
	char name[LABEL_MAX];

	if (!fold_label(label, name))
		return EII_CHARSET_UNKNOWN;
	found = bsearch(name, labels, ARRAY_LEN(labels), sizeof(labels[0]), compare_label);
	if (!found)
		return EII_CHARSET_UNKNOWN;
	*out_index = found->index;
	return found->kind;
}
