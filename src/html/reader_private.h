/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reader share. */
#ifndef EII_HTML_READER_PRIVATE_H
#define EII_HTML_READER_PRIVATE_H

#include "eii/html/reader.h"
#include "html_private.h"

#define NO_INDEX           UINT16_MAX
#define N_BUCKETS          64
#define N_FORMATTING       512 /* active formatting elements and markers; more do not begin again */
#define SAME_AT_MOST       3   /* of one kind, as the standard has it */
#define FORMATTING_AT_ONCE 32  /* behind the last marker; then the oldest is forgotten */
#define AGAIN_AT_MOST      16

enum flag {
	SPECIAL = 1 << 0,
	FORMATTING = 1 << 1,
	IMPLIED_END = 1 << 2,
	SCOPE = 1 << 3,     /* its own inside is out of scope */
	MARKER = 1 << 4,    /* formatting elements end with it */
	STRUCTURE = 1 << 5, /* says which rules hold inside: tables, templates */
	HEADING = 1 << 6,
	IN_HEAD = 1 << 7,     /* may stand in the head */
	BREAKS_OUT = 1 << 8,  /* a start tag that ends foreign content */
	NO_FRAMESET = 1 << 9, /* behind its start tag <frameset> is passed over */
};

enum start_rule {
	START_ORDINARY,
	START_FORMATTING,
	START_A,
	START_NOBR,
	START_BLOCK, /* ends a paragraph */
	START_HEADING,
	START_PRE,
	START_LI,
	START_DD_DT,
	START_BUTTON,
	START_FORM,
	START_VOID,
	START_VOID_APART, /* formatting elements do not begin again for it */
	START_INPUT,
	START_HR,
	START_RAW,
	START_XMP,
	START_PLAINTEXT,
	START_TABLE,
	START_TABLE_PART,
	START_SELECT,
	START_OPTION,
	START_OPTGROUP,
	START_RUBY_PART,
	START_FOREIGN,
	START_TEMPLATE,
	START_LOOSE, /* html, head, body, frames: nothing is open by it */
	START_NOFRAMES,
	N_START_RULES,
};

enum end_rule {
	END_OTHER,
	END_SCOPED, /* where it is in scope */
	END_P,
	END_LI,
	END_HEADING,
	END_FORMATTING,
	END_FORM,
	END_TABLE_PART,
	END_TEMPLATE,
	END_BR,
	END_NOTHING,
	N_END_RULES,
};

struct element_kind {
	unsigned short flags;
	unsigned char start;   /* enum start_rule */
	unsigned char end;     /* enum end_rule */
	unsigned char content; /* enum eii_html_content of a START_RAW */
};

extern const struct element_kind eii_html_kinds[EII_HTML_N_TAGS];

enum point { POINT_NONE, POINT_HTML, POINT_MATHML_TEXT };

/* Of each set the innermost member, this entry or one it is in. */
struct nearest {
	uint16_t scope;
	uint16_t list_scope;
	uint16_t button_scope;
	uint16_t table_scope;
	uint16_t special;
	uint16_t list_stop; /* special, but not address, div, p */
	uint16_t structure;
	uint16_t html; /* namespace */
};

struct entry {
	struct eii_html_element element;
	struct nearest nearest;
	struct eii_text blank; /* text of a table or its parts that is yet to be told */
	uint16_t same;         /* the next one out of the same name's chain */
	uint16_t formatting;   /* in the list, or NO_INDEX */
	uint8_t bucket;
	uint8_t point; /* enum point */
	bool is_gone;  /* ended for the standard, and told when what is in it has ended */
};

struct formatting {
	struct eii_html_element element;
	struct eii_text raw; /* the tag */
	uint16_t open;       /* in the stack, or NO_INDEX */
};

enum phase { PHASE_HEAD, PHASE_AFTER_HEAD, PHASE_BODY };

enum run { RUN_NONE, RUN_BLANK, RUN_TEXT };

struct reader {
	const struct eii_html_events *events;
	void *context;
	enum phase phase;
	bool has_form;
	bool has_frameset;
	bool may_have_frameset; /* the standard's frameset-ok flag */
	bool skips_newline;
	enum run run;   /* of the characters up to here, since the last token of another kind */
	uint64_t steps; /* of walks through what is open */
	size_t n_open;
	size_t n_formatting;
	size_t n_lost_markers;            /* for which there was no room */
	size_t base;                      /* where the list begins, behind the last marker */
	uint16_t of_tag[EII_HTML_N_TAGS]; /* HTML elements by name: the innermost */
	uint16_t of_bucket[N_BUCKETS];    /* unknown names and foreign elements */
	struct eii_html_tokenizer tokenizer;
	struct eii_html_token token;
	struct formatting formatting[N_FORMATTING];
	struct entry open[EII_HTML_OPEN_MAX];
};

static inline struct entry *eii_html_top(struct reader *r)
{
	return &r->open[r->n_open - 1];
}

static inline bool eii_html_has(enum eii_html_tag tag, unsigned int flags)
{
	return eii_html_kinds[tag].flags & flags;
}

/* stack.c */
struct entry *eii_html_push_untold(struct reader *r, enum eii_html_tag tag,
				   enum eii_html_namespace ns, struct eii_text name);
void eii_html_stack_init(struct reader *r);
/* An element of the token, or an implied one without attributes; it is the top then. */
struct entry *eii_html_push(struct reader *r, enum eii_html_tag tag, enum eii_html_namespace ns);
struct entry *eii_html_push_implied(struct reader *r, enum eii_html_tag tag);
/* What of a table's own text was held back, which is something. */
void eii_html_tell_held_blank(struct reader *r, struct entry *entry);
static inline void eii_html_tell_blank(struct reader *r, struct entry *entry)
{
	if (entry->blank.len)
		eii_html_tell_held_blank(r, entry);
}
/* A start tag that opens nothing. */
void eii_html_tell_loose(struct reader *r, enum eii_html_tag tag, enum eii_html_namespace ns);
void eii_html_pop(struct reader *r);
/* Whatever does not belong into a <colgroup> ends it. */
static inline void eii_html_leave_colgroup(struct reader *r)
{
	const struct eii_html_element *top = &eii_html_top(r)->element;

	if (top->tag == EII_HTML_TAG_COLGROUP && top->ns == EII_HTML_NS_HTML)
		eii_html_pop(r);
}
/* Ends everything from the top down to index, itself included; nothing for NO_INDEX. */
void eii_html_pop_to(struct reader *r, uint16_t index);
/* Ends everything above index. */
void eii_html_pop_above(struct reader *r, size_t index);
/* The innermost HTML element of that name, at or above from; NO_INDEX: none. */
uint16_t eii_html_find_open(const struct reader *r, enum eii_html_tag tag, uint16_t from);
/* The innermost element whose name is unknown or foreign. */
uint16_t eii_html_find_named(struct reader *r, struct eii_text name, uint16_t from);
void eii_html_imply_ends(struct reader *r, enum eii_html_tag except);
void eii_html_set_gone(struct reader *r, uint16_t index);
void eii_html_drop_gone(struct reader *r);
/* Lets HTML into the foreign element at the top. */
void eii_html_set_point(struct reader *r, struct entry *entry, enum point point);

/* formatting.c */
void eii_html_format_add(struct reader *r, struct entry *entry);
void eii_html_format_again(struct reader *r);
static inline void eii_html_format_closed(struct reader *r, const struct entry *entry)
{
	if (entry->formatting == NO_INDEX)
		return;
	r->formatting[entry->formatting].element = entry->element;
	r->formatting[entry->formatting].open = NO_INDEX;
}
void eii_html_format_end(struct reader *r, enum eii_html_tag tag);
/* Behind the last marker; NO_INDEX: none. */
uint16_t eii_html_format_find(const struct reader *r, enum eii_html_tag tag);
/* A marker: what is in the list stays out of what comes; and its end. */
void eii_html_format_mark(struct reader *r);
void eii_html_format_clear(struct reader *r);

/* start.c, end.c: a tag in HTML content. */
void eii_html_start_tag(struct reader *r);
void eii_html_end_tag(struct reader *r);
void eii_html_end_other(struct reader *r);
void eii_html_close_p(struct reader *r);

/* foreign.c: a tag inside of svg or math. */
bool eii_html_is_foreign_here(struct reader *r); /* the top is foreign */
static inline bool eii_html_is_foreign(struct reader *r)
{
	return eii_html_top(r)->element.ns != EII_HTML_NS_HTML && eii_html_is_foreign_here(r);
}
/* The value of the token's attribute, raw; the tag can be asked from its beginning after that. */
struct eii_text eii_html_peek(struct reader *r, enum eii_html_attribute_name name);
void eii_html_foreign_start(struct reader *r);
void eii_html_foreign_end(struct reader *r);
/* An svg or math element of the token, in that namespace. */
void eii_html_push_foreign(struct reader *r, enum eii_html_namespace ns);

#endif
