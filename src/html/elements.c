/* SPDX-License-Identifier: Apache-2.0 */
/* What the standard says of each element, as far as the reader needs it. */
#include "reader_private.h"

#define T(name) [EII_HTML_TAG_##name]

#define ORDINARY(flags)                                                                            \
	{                                                                                          \
		(flags), START_ORDINARY, END_OTHER, 0                                              \
	}
#define FORMAT                                                                                     \
	{                                                                                          \
		FORMATTING | BREAKS_OUT, START_FORMATTING, END_FORMATTING, 0                       \
	}
#define BLOCK(flags)                                                                               \
	{                                                                                          \
		SPECIAL | (flags), START_BLOCK, END_SCOPED, 0                                      \
	}
#define PART(flags)                                                                                \
	{                                                                                          \
		SPECIAL | STRUCTURE | (flags), START_TABLE_PART, END_TABLE_PART, 0                 \
	}
#define EMPTY(flags)                                                                               \
	{                                                                                          \
		SPECIAL | (flags), START_VOID, END_OTHER, 0                                        \
	}
#define APART(flags)                                                                               \
	{                                                                                          \
		(flags), START_VOID_APART, END_OTHER, 0                                            \
	}
#define RAW(flags, kind)                                                                           \
	{                                                                                          \
		SPECIAL | (flags), START_RAW, END_OTHER, kind                                      \
	}
#define HEADER                                                                                     \
	{                                                                                          \
		SPECIAL | HEADING | BREAKS_OUT, START_HEADING, END_HEADING, 0                      \
	}
#define SCOPED_OBJECT                                                                              \
	{                                                                                          \
		SPECIAL | SCOPE | MARKER | NO_FRAMESET, START_ORDINARY, END_SCOPED, 0              \
	}
#define RUBY(flags)                                                                                \
	{                                                                                          \
		IMPLIED_END | (flags), START_RUBY_PART, END_OTHER, 0                               \
	}
#define LOOSE(flags)                                                                               \
	{                                                                                          \
		SPECIAL | (flags), START_LOOSE, END_NOTHING, 0                                     \
	}

const struct element_kind eii_html_kinds[EII_HTML_N_TAGS] = {
	T(A) = { FORMATTING, START_A, END_FORMATTING, 0 },
	T(ADDRESS) = BLOCK(0),
	T(APPLET) = SCOPED_OBJECT,
	T(AREA) = EMPTY(NO_FRAMESET),
	T(ARTICLE) = BLOCK(0),
	T(ASIDE) = BLOCK(0),
	T(B) = FORMAT,
	T(BASE) = APART(SPECIAL | IN_HEAD),
	T(BASEFONT) = APART(SPECIAL | IN_HEAD),
	T(BGSOUND) = APART(SPECIAL | IN_HEAD),
	T(BIG) = FORMAT,
	T(BLOCKQUOTE) = BLOCK(BREAKS_OUT),
	T(BODY) = LOOSE(BREAKS_OUT | NO_FRAMESET),
	T(BR) = { SPECIAL | BREAKS_OUT | NO_FRAMESET, START_VOID, END_BR, 0 },
	T(BUTTON) = { SPECIAL | NO_FRAMESET, START_BUTTON, END_SCOPED, 0 },
	T(CAPTION) = PART(SCOPE | MARKER),
	T(CENTER) = BLOCK(BREAKS_OUT),
	T(CODE) = FORMAT,
	T(COL) = PART(0),
	T(COLGROUP) = PART(0),
	T(DD) = { SPECIAL | IMPLIED_END | BREAKS_OUT | NO_FRAMESET, START_DD_DT, END_SCOPED, 0 },
	T(DETAILS) = BLOCK(0),
	T(DIALOG) = BLOCK(0),
	T(DIR) = BLOCK(0),
	T(DIV) = BLOCK(BREAKS_OUT),
	T(DL) = BLOCK(BREAKS_OUT),
	T(DT) = { SPECIAL | IMPLIED_END | BREAKS_OUT | NO_FRAMESET, START_DD_DT, END_SCOPED, 0 },
	T(EM) = FORMAT,
	T(EMBED) = EMPTY(BREAKS_OUT | NO_FRAMESET),
	T(FIELDSET) = BLOCK(0),
	T(FIGCAPTION) = BLOCK(0),
	T(FIGURE) = BLOCK(0),
	T(FONT) = { FORMATTING, START_FORMATTING, END_FORMATTING, 0 },
	T(FOOTER) = BLOCK(0),
	T(FORM) = { SPECIAL, START_FORM, END_FORM, 0 },
	T(FRAME) = LOOSE(0),
	T(FRAMESET) = LOOSE(0),
	T(H1) = HEADER,
	T(H2) = HEADER,
	T(H3) = HEADER,
	T(H4) = HEADER,
	T(H5) = HEADER,
	T(H6) = HEADER,
	T(HEAD) = LOOSE(BREAKS_OUT),
	T(HEADER) = BLOCK(0),
	T(HGROUP) = BLOCK(0),
	T(HR) = { SPECIAL | BREAKS_OUT | NO_FRAMESET, START_HR, END_OTHER, 0 },
	T(HTML) = LOOSE(SCOPE),
	T(I) = FORMAT,
	T(IFRAME) = RAW(NO_FRAMESET, EII_HTML_RAWTEXT),
	T(IMAGE) = { NO_FRAMESET, START_VOID, END_OTHER, 0 },
	T(IMG) = EMPTY(BREAKS_OUT | NO_FRAMESET),
	T(INPUT) = { SPECIAL, START_INPUT, END_OTHER, 0 },
	T(KEYGEN) = EMPTY(NO_FRAMESET),
	T(LI) = { SPECIAL | IMPLIED_END | BREAKS_OUT | NO_FRAMESET, START_LI, END_LI, 0 },
	T(LINK) = APART(SPECIAL | IN_HEAD),
	T(LISTING) = { SPECIAL | BREAKS_OUT | NO_FRAMESET, START_PRE, END_SCOPED, 0 },
	T(MAIN) = BLOCK(0),
	T(MARQUEE) = SCOPED_OBJECT,
	T(MATH) = { 0, START_FOREIGN, END_OTHER, 0 },
	T(MENU) = BLOCK(BREAKS_OUT),
	T(META) = APART(SPECIAL | IN_HEAD | BREAKS_OUT),
	T(NAV) = BLOCK(0),
	T(NOBR) = { FORMATTING | BREAKS_OUT, START_NOBR, END_FORMATTING, 0 },
	T(NOEMBED) = RAW(0, EII_HTML_RAWTEXT),
	T(NOFRAMES) = { SPECIAL | IN_HEAD, START_NOFRAMES, END_OTHER, EII_HTML_RAWTEXT },
	T(NOSCRIPT) = ORDINARY(SPECIAL),
	T(OBJECT) = SCOPED_OBJECT,
	T(OL) = BLOCK(BREAKS_OUT),
	T(OPTGROUP) = { IMPLIED_END, START_OPTGROUP, END_OTHER, 0 },
	T(OPTION) = { IMPLIED_END, START_OPTION, END_OTHER, 0 },
	T(P) = { SPECIAL | IMPLIED_END | BREAKS_OUT, START_BLOCK, END_P, 0 },
	T(PARAM) = APART(SPECIAL),
	T(PLAINTEXT) = { SPECIAL, START_PLAINTEXT, END_OTHER, EII_HTML_PLAINTEXT },
	T(PRE) = { SPECIAL | BREAKS_OUT | NO_FRAMESET, START_PRE, END_SCOPED, 0 },
	T(RB) = RUBY(0),
	T(RP) = RUBY(0),
	T(RT) = RUBY(0),
	T(RTC) = RUBY(0),
	T(RUBY) = ORDINARY(BREAKS_OUT),
	T(S) = FORMAT,
	T(SCRIPT) = RAW(IN_HEAD, EII_HTML_SCRIPT),
	T(SEARCH) = BLOCK(0),
	T(SECTION) = BLOCK(0),
	T(SELECT) = { SPECIAL | SCOPE | NO_FRAMESET, START_SELECT, END_SCOPED, 0 },
	T(SMALL) = FORMAT,
	T(SOURCE) = APART(SPECIAL),
	T(SPAN) = ORDINARY(BREAKS_OUT),
	T(STRIKE) = FORMAT,
	T(STRONG) = FORMAT,
	T(STYLE) = RAW(IN_HEAD, EII_HTML_RAWTEXT),
	T(SUB) = ORDINARY(BREAKS_OUT),
	T(SUMMARY) = BLOCK(0),
	T(SUP) = ORDINARY(BREAKS_OUT),
	T(SVG) = { 0, START_FOREIGN, END_OTHER, 0 },
	T(TABLE) = { SPECIAL | SCOPE | STRUCTURE | BREAKS_OUT | NO_FRAMESET, START_TABLE,
		     END_TABLE_PART, 0 },
	T(TBODY) = PART(0),
	T(TD) = PART(SCOPE | MARKER),
	T(TEMPLATE) = { SPECIAL | SCOPE | MARKER | STRUCTURE | IN_HEAD, START_TEMPLATE,
			END_TEMPLATE, 0 },
	T(TEXTAREA) = RAW(NO_FRAMESET, EII_HTML_RCDATA),
	T(TFOOT) = PART(0),
	T(TH) = PART(SCOPE | MARKER),
	T(THEAD) = PART(0),
	T(TITLE) = RAW(IN_HEAD, EII_HTML_RCDATA),
	T(TR) = PART(0),
	T(TRACK) = APART(SPECIAL),
	T(TT) = FORMAT,
	T(U) = FORMAT,
	T(UL) = BLOCK(BREAKS_OUT),
	T(VAR) = ORDINARY(BREAKS_OUT),
	T(WBR) = EMPTY(NO_FRAMESET),
	T(XMP) = { SPECIAL | NO_FRAMESET, START_XMP, END_OTHER, EII_HTML_RAWTEXT },
};
