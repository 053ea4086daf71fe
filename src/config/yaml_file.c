/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_file.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"
#include "file.h"

#define MERGE_KEY "<<"

struct reading {
	const char *path;
	const struct eii_yaml_taker *taker;
	struct eii_problems *problems;
	struct eii_text content;
	yaml_document_t document;
	const yaml_node_t *sections[EII_SECTION_COUNT]; /* of the document; NULL = not there */
	enum eii_section section;                       /* whose keys are read */
	size_t n_entries;
};

static void complain(const struct reading *reading, size_t line, const char *what)
{
	eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "%s, line %zu: %s", reading->path,
			 line, what);
}

static size_t line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

static const yaml_node_t *node_at(const struct reading *reading, int index)
{
	return reading->document.nodes.start + index - 1; /* libyaml counts from 1 */
}

static struct eii_text text_of(const yaml_node_t *node)
{
	return eii_text((const char *)node->data.scalar.value, node->data.scalar.length);
}

/* False, and said once, behind the last entry that a file may have. */
static bool count_entry(struct reading *reading, const yaml_node_t *node)
{
	if (++reading->n_entries == EII_YAML_ENTRIES_MAX + 1)
		complain(reading, line_of(node),
			 "the file has too many entries, with what its aliases (*) stand for");
	return reading->n_entries <= EII_YAML_ENTRIES_MAX;
}

/* --- values --- */

static bool is_text(const yaml_node_t *node)
{
	struct eii_text text;

	if (node->type != YAML_SCALAR_NODE)
		return false;
	text = text_of(node);
	return !text.len || !memchr(text.data, '\0', text.len);
}

static bool is_list_of_texts(const struct reading *reading, const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return false;
	if (node->data.sequence.items.top - node->data.sequence.items.start > EII_YAML_ENTRIES_MAX)
		return true; /* too long, whatever stands in it */
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		if (!is_text(node_at(reading, *item)))
			return false;
	}
	return true;
}

static void join_list(struct reading *reading, const yaml_node_t *list, struct eii_buf *out)
{
	for (const yaml_node_item_t *item = list->data.sequence.items.start;
	     item < list->data.sequence.items.top; item++) {
		const yaml_node_t *node = node_at(reading, *item);

		if (!count_entry(reading, node))
			return;
		if (out->len)
			eii_buf_add_char(out, ',');
		eii_buf_add_text(out, text_of(node));
	}
	if (!out->len)
		eii_buf_add_char(out, ',');
}

static enum eii_yaml_kind read_value(struct reading *reading, const yaml_node_t *node,
				     struct eii_buf *out)
{
	if (is_list_of_texts(reading, node)) {
		join_list(reading, node, out);
		return EII_YAML_LIST;
	}
	if (!is_text(node))
		return EII_YAML_NESTED;
	eii_buf_add_text(out, text_of(node));
	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? EII_YAML_PLAIN
								  : EII_YAML_QUOTED;
}

static void take_key(struct reading *reading, const yaml_node_t *key, const yaml_node_t *node)
{
	EII_AUTO_STR name =
		eii_strndup((const char *)key->data.scalar.value, key->data.scalar.length);
	EII_AUTO_SECRET value = NULL;
	struct eii_yaml_entry entry = { .section = reading->section, .key = name };
	struct eii_buf text;

	eii_buf_init(&text, EII_FILE_SETTINGS_MAX);
	entry.line = line_of(key);
	entry.kind = read_value(reading, node, &text);
	if (!eii_buf_ok(&text))
		complain(reading, entry.line, "the list is too long, with its aliases (*)");
	else if (reading->n_entries <= EII_YAML_ENTRIES_MAX) {
		value = eii_buf_detach(&text);
		entry.value = value ? value : "";
		reading->taker->take(reading->taker->arg, &entry);
	}
	eii_buf_clear(&text);
}

/* --- mappings --- */

typedef void visit_pair(struct reading *reading, const yaml_node_t *key, const yaml_node_t *value);

static bool is_merge(const yaml_node_t *key)
{
	return key->type == YAML_SCALAR_NODE && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       eii_text_equal(text_of(key), eii_text_of(MERGE_KEY));
}

static void visit_merged(struct reading *reading, const yaml_node_t *source, visit_pair *visit,
			 unsigned depth);

static void visit_own(struct reading *reading, const yaml_node_t *mapping, visit_pair *visit)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_at(reading, pair->key);

		if (is_merge(key))
			continue;
		if (!count_entry(reading, key))
			return;
		if (is_text(key))
			visit(reading, key, node_at(reading, pair->value));
		else
			complain(reading, line_of(key), "a key has to be a word");
	}
}

/* What is merged in comes first: the mapping's own keys count over it. */
static void visit_mapping(struct reading *reading, const yaml_node_t *mapping, visit_pair *visit,
			  unsigned depth)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_at(reading, pair->key);

		if (is_merge(key) && count_entry(reading, key))
			visit_merged(reading, node_at(reading, pair->value), visit, depth + 1);
	}
	visit_own(reading, mapping, visit);
}

static void visit_merged(struct reading *reading, const yaml_node_t *source, visit_pair *visit,
			 unsigned depth)
{
	const yaml_node_item_t *first, *item;

	if (depth > EII_YAML_MERGES_MAX) {
		complain(reading, line_of(source), "merge keys (<<) stand too deep in each other");
		return;
	}
	if (source->type == YAML_MAPPING_NODE) {
		visit_mapping(reading, source, visit, depth);
		return;
	}
	if (source->type != YAML_SEQUENCE_NODE) {
		complain(reading, line_of(source), "<< needs a mapping, or a list of them");
		return;
	}
	/* Of a list the first one counts most. */
	first = source->data.sequence.items.start;
	for (item = source->data.sequence.items.top; item > first; item--) {
		const yaml_node_t *node = node_at(reading, item[-1]);

		if (!count_entry(reading, node))
			return;
		visit_merged(reading, node, visit, depth + 1);
	}
}

static void take_section(struct reading *reading, const yaml_node_t *key, const yaml_node_t *value)
{
	EII_AUTO_STR name =
		eii_strndup((const char *)key->data.scalar.value, key->data.scalar.length);
	enum eii_section section;

	if (eii_section_find(name, &section))
		reading->sections[section] = value;
	else
		reading->taker->unknown(reading->taker->arg, name, line_of(key));
}

/* "opencti:" with nothing behind it is as one without keys. */
static bool is_nothing(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && !node->data.scalar.length;
}

static void read_sections(struct reading *reading)
{
	for (int i = 0; i < EII_SECTION_COUNT; i++) {
		const yaml_node_t *node = reading->sections[i];

		reading->section = (enum eii_section)i;
		if (node && node->type == YAML_MAPPING_NODE)
			visit_mapping(reading, node, take_key, 0);
		else if (node && !is_nothing(node))
			complain(reading, line_of(node),
				 "a section has keys under it, like url: in opencti:");
	}
}

static void read_document(struct reading *reading)
{
	const yaml_node_t *root = yaml_document_get_root_node(&reading->document);

	if (!root || is_nothing(root))
		return;
	if (root->type != YAML_MAPPING_NODE) {
		complain(reading, line_of(root),
			 "not sections like opencti: with keys like url: under them");
		return;
	}
	visit_mapping(reading, root, take_section, 0);
	read_sections(reading);
}

/* --- the file --- */

static bool has_strange_tag(const yaml_node_t *node)
{
	const char *tag = (const char *)node->tag;

	return tag && strcmp(tag, YAML_STR_TAG) != 0 && strcmp(tag, YAML_SEQ_TAG) != 0 &&
	       strcmp(tag, YAML_MAP_TAG) != 0;
}

/* False, and said, where a value has a tag that gives it another meaning. */
static bool judge_tags(const struct reading *reading)
{
	for (const yaml_node_t *node = reading->document.nodes.start;
	     node < reading->document.nodes.top; node++) {
		if (!has_strange_tag(node))
			continue;
		complain(reading, line_of(node), "tags (!...) are not read");
		return false;
	}
	return true;
}

/* libyaml gives the place of what is no text at all in bytes. */
static size_t line_of_fault(const struct reading *reading, const yaml_parser_t *parser)
{
	size_t line = 1;

	if (parser->error != YAML_READER_ERROR)
		return parser->problem_mark.line + 1;
	for (size_t i = 0; i < parser->problem_offset && i < reading->content.len; i++)
		line += reading->content.data[i] == '\n';
	return line;
}

static void say_fault(const struct reading *reading, const yaml_parser_t *parser)
{
	EII_AUTO_STR words = NULL;

	if (parser->error == YAML_MEMORY_ERROR)
		eii_alloc_check(NULL);
	words = eii_asprintf("not YAML: %s", parser->problem);
	complain(reading, line_of_fault(reading, parser), words);
}

/* Some of them are secrets. */
static void forget(yaml_document_t *document)
{
	for (yaml_node_t *node = document->nodes.start; node < document->nodes.top; node++) {
		if (node->type == YAML_SCALAR_NODE)
			explicit_bzero(node->data.scalar.value, node->data.scalar.length);
	}
	yaml_document_delete(document);
}

/* How much deeper the document is behind an event. */
static int depth_of(yaml_event_type_t type)
{
	if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
		return 1;
	return type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT ? -1 : 0;
}

static const char *judge_size(size_t n_nodes, int depth)
{
	if (depth > EII_YAML_DEPTH_MAX)
		return "lists and mappings stand too deep in each other";
	return n_nodes > EII_YAML_NODES_MAX ? "the file has too many entries" : NULL;
}

/* libyaml takes time by the square of depth and anchors: those are counted first. */
static bool is_small_enough(const struct reading *reading, yaml_parser_t *parser)
{
	bool is_over = false;
	const char *wrong = NULL;
	size_t n_nodes = 0;
	int depth = 0;

	while (!is_over && !wrong) {
		yaml_event_t event;
		size_t line;

		if (!yaml_parser_parse(parser, &event)) {
			say_fault(reading, parser);
			return false;
		}
		is_over = event.type == YAML_STREAM_END_EVENT;
		depth += depth_of(event.type);
		line = event.start_mark.line + 1;
		if (event.type == YAML_SCALAR_EVENT)
			explicit_bzero(event.data.scalar.value, event.data.scalar.length);
		yaml_event_delete(&event);
		wrong = judge_size(++n_nodes, depth);
		if (wrong)
			complain(reading, line, wrong);
	}
	return is_over && !wrong;
}

static void judge_second(const struct reading *reading, yaml_parser_t *parser)
{
	yaml_document_t second;
	const yaml_node_t *root;

	if (!yaml_parser_load(parser, &second)) {
		say_fault(reading, parser);
		return;
	}
	root = yaml_document_get_root_node(&second);
	if (root)
		complain(reading, line_of(root), "a second document (---) begins");
	forget(&second);
}

static void read_content(struct reading *reading, yaml_parser_t *parser)
{
	if (!yaml_parser_load(parser, &reading->document)) {
		say_fault(reading, parser);
		return;
	}
	if (judge_tags(reading))
		read_document(reading);
	if (yaml_document_get_root_node(&reading->document))
		judge_second(reading, parser);
	forget(&reading->document);
}

static void begin(yaml_parser_t *parser, struct eii_text content)
{
	if (!yaml_parser_initialize(parser))
		eii_alloc_check(NULL);
	yaml_parser_set_input_string(parser, (const unsigned char *)content.data, content.len);
}

enum eii_rc eii_yaml_read(const char *path, const struct eii_yaml_taker *taker,
			  struct eii_problems *problems, struct eii_error *err)
{
	struct reading reading = { .path = path, .taker = taker, .problems = problems };
	struct eii_buf content;
	yaml_parser_t parser;
	bool is_small = false;
	enum eii_rc rc;

	eii_buf_init(&content, EII_FILE_SETTINGS_MAX);
	rc = eii_file_read(path, &content, err);
	reading.content = eii_buf_text(&content);
	if (!rc) {
		begin(&parser, reading.content);
		is_small = is_small_enough(&reading, &parser);
		yaml_parser_delete(&parser);
	}
	if (is_small) {
		begin(&parser, reading.content);
		read_content(&reading, &parser);
		yaml_parser_delete(&parser);
	}
	if (content.capacity)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return rc;
}
