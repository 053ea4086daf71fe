/* SPDX-License-Identifier: Apache-2.0 */
/* Where the addresses of HTML stand, but for those that become live links. */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"
#include "eii/mail/charset.h"

#define A(name) EII_HTML_ATTRIBUTE_##name

/* Comments and srcdoc in HTML are read as HTML, those in these only searched. */
#define DEPTH_MAX 1

#define TYPE_MAX 256 /* bytes of a data: address that its media type stands in */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct eii_text from(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

/* Text of which a browser that follows it would follow more: HTML, SVG, scripts, plain text. */
static bool is_markup(struct eii_text type)
{
	static const char *const words[] = { "html", "xml", "svg", "script", "text" };

	for (size_t i = 0; i < type.len; i++) {
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			if (eii_text_starts_nocase(from(type, i), words[k]))
				return true;
		}
	}
	return false;
}

/* What stands in a data: address; an address in an address in it is not looked for. */
static void find_in_data(const struct eii_html_finding *finding, enum eii_address_kind kind,
			 struct eii_text address)
{
	struct eii_text type =
		eii_text(address.data, address.len < TYPE_MAX ? address.len : TYPE_MAX);
	const char *comma = memchr(type.data, ',', type.len);
	struct eii_buf bytes;
	struct eii_buf text;

	if (!comma || !is_markup(eii_text(type.data, (size_t)(comma - type.data))))
		return;
	eii_buf_init(&bytes, address.len);
	eii_buf_init(&text, address.len * 4 + 4);
	(void)eii_html_data_bytes(address, &bytes);
	eii_charset_decode(eii_buf_text(&bytes), eii_text(NULL, 0), &text);
	eii_addresses_add_scripted(finding->addresses, kind, eii_buf_text(&text));
	eii_buf_clear(&bytes);
	eii_buf_clear(&text);
}

/* An address that runs, instead of leading somewhere. */
static bool is_script(struct eii_text address)
{
	return eii_text_starts_nocase(address, "javascript:") ||
	       eii_text_starts_nocase(address, "vbscript:");
}

void eii_html_found(const struct eii_html_finding *finding, enum eii_address_kind kind,
		    struct eii_text url)
{
	const enum eii_address_kind as = finding->kind == EII_ADDRESS_LIVE ? kind : finding->kind;
	struct eii_text address;

	if (url.len == 0 || !finding->addresses)
		return;
	eii_buf_reset(finding->address);
	if (eii_html_resolve(url, finding->base, finding->address) != EII_HTML_TARGET_NONE)
		eii_addresses_add(finding->addresses, as, eii_buf_text(finding->address));
	address = eii_buf_text(finding->address);
	if (eii_text_starts_nocase(address, "data:"))
		find_in_data(finding, as, address);
	else if (is_script(address))
		eii_addresses_add_scripted(finding->addresses, as, address);
}

static void find_text(const struct eii_html_finding *finding, enum eii_address_kind kind,
		      struct eii_text text)
{
	const enum eii_address_kind as = finding->kind == EII_ADDRESS_LIVE ? kind : finding->kind;

	if (kind == EII_ADDRESS_SCRIPT)
		eii_addresses_add_scripted(finding->addresses, as, text);
	else
		eii_addresses_add_found(finding->addresses, as, text);
}

void eii_html_find_in_text(const struct eii_html_finding *finding, enum eii_html_tag of,
			   struct eii_text text)
{
	if (of == EII_HTML_TAG_STYLE)
		eii_html_find_in_css(finding, text);
	else
		find_text(finding,
			  of == EII_HTML_TAG_SCRIPT ? EII_ADDRESS_SCRIPT : EII_ADDRESS_LINK, text);
}

/* Candidates "url 2x, url 100w": an address ends at a blank, or at commas at its end. */
static void find_in_srcset(const struct eii_html_finding *finding, struct eii_text set)
{
	size_t i = 0;

	while (i < set.len) {
		size_t start;
		size_t end;

		while (i < set.len && (is_space(set.data[i]) || set.data[i] == ','))
			i++;
		start = i;
		while (i < set.len && !is_space(set.data[i]))
			i++;
		end = i;
		while (end > start && set.data[end - 1] == ',')
			end--;
		eii_html_found(finding, EII_ADDRESS_IMAGE, eii_text(set.data + start, end - start));
		if (end < i)
			continue;
		while (i < set.len && set.data[i] != ',')
			i++;
	}
}

/* Addresses between blanks. */
static void find_in_list(const struct eii_html_finding *finding, enum eii_address_kind kind,
			 struct eii_text list)
{
	for (size_t i = 0; i < list.len; i++) {
		const size_t start = i;

		while (i < list.len && !is_space(list.data[i]))
			i++;
		eii_html_found(finding, kind, eii_text(list.data + start, i - start));
	}
}

static struct eii_text skip_spaces(struct eii_text text)
{
	while (text.len && is_space(text.data[0]))
		text = from(text, 1);
	return text;
}

/* "5; url='…'": the standard's shared declarative refresh steps. */
static void find_in_refresh(const struct eii_html_finding *finding, struct eii_text content)
{
	struct eii_text rest = skip_spaces(content);
	size_t n = 0;

	while (n < rest.len && (eii_is_ascii_digit(rest.data[n]) || rest.data[n] == '.'))
		n++;
	rest = skip_spaces(from(rest, n));
	if (rest.len && (rest.data[0] == ';' || rest.data[0] == ','))
		rest = skip_spaces(from(rest, 1));
	if (eii_text_starts_nocase(rest, "url")) {
		struct eii_text value = skip_spaces(from(rest, 3));

		if (value.len && value.data[0] == '=')
			rest = skip_spaces(from(value, 1));
	}
	if (rest.len && (rest.data[0] == '"' || rest.data[0] == '\'')) {
		const char *close = memchr(rest.data + 1, rest.data[0], rest.len - 1);

		rest = from(rest, 1);
		if (close)
			rest.len = (size_t)(close - rest.data);
	}
	eii_html_found(finding, EII_ADDRESS_REFRESH, rest);
}

static bool is_refresh(const struct eii_html_start *tag)
{
	struct eii_buf scratch;
	bool is;

	eii_buf_init(&scratch, 1024);
	is = eii_text_equal_nocase(eii_html_tag_value(tag, A(HTTP_EQUIV), &scratch),
				   eii_text_of("refresh"));
	eii_buf_clear(&scratch);
	return is;
}

static bool is_one(struct eii_text value)
{
	value = eii_text_trim(value);
	if (value.len && eii_text_starts_nocase(from(value, 1), "px"))
		value.len = 1;
	return value.len == 1 && (value.data[0] == '0' || value.data[0] == '1');
}

static enum eii_address_kind image_kind(const struct eii_html_start *tag)
{
	if (is_one(tag->raw[A(WIDTH)]) && is_one(tag->raw[A(HEIGHT)]) &&
	    eii_html_tag_has(tag, A(WIDTH)) && eii_html_tag_has(tag, A(HEIGHT)))
		return EII_ADDRESS_PIXEL;
	return EII_ADDRESS_IMAGE;
}

/* What src, href and the like of an element are. */
static enum eii_address_kind kind_of(const struct eii_html_element *element,
				     const struct eii_html_start *tag)
{
	switch ((int)element->tag) {
	case EII_HTML_TAG_IMG:
	case EII_HTML_TAG_IMAGE:
	case EII_HTML_TAG_INPUT:
		return image_kind(tag);
	case EII_HTML_TAG_VIDEO:
	case EII_HTML_TAG_AUDIO:
	case EII_HTML_TAG_SOURCE:
	case EII_HTML_TAG_TRACK:
	case EII_HTML_TAG_BGSOUND:
	case EII_HTML_TAG_EMBED:
	case EII_HTML_TAG_OBJECT:
	case EII_HTML_TAG_APPLET:
		return EII_ADDRESS_MEDIA;
	case EII_HTML_TAG_IFRAME:
	case EII_HTML_TAG_FRAME:
		return EII_ADDRESS_FRAME;
	case EII_HTML_TAG_SCRIPT:
		return EII_ADDRESS_SCRIPT;
	case EII_HTML_TAG_LINK:
		return EII_ADDRESS_STYLE;
	default:
		return element->ns == EII_HTML_NS_HTML ? EII_ADDRESS_LINK : EII_ADDRESS_IMAGE;
	}
}

/* Attributes that take an address on some elements, and mean something else on others. */
static bool takes_address(const struct eii_html_element *element, const struct eii_html_start *tag,
			  enum eii_html_attribute_name name)
{
	switch ((int)name) {
	case A(DATA):
	case A(CLASSID):
		return element->tag == EII_HTML_TAG_OBJECT;
	case A(CODE):
	case A(OBJECT):
		return element->tag == EII_HTML_TAG_APPLET;
	case A(VALUE):
		return element->tag == EII_HTML_TAG_PARAM && eii_html_tag_has(tag, A(VALUETYPE));
	case A(ICON):
		return element->tag == EII_HTML_TAG_MENUITEM;
	case A(URN):
		return element->tag == EII_HTML_TAG_A || element->tag == EII_HTML_TAG_LINK;
	default:
		return true;
	}
}

static const unsigned char kinds[EII_HTML_N_ATTRIBUTES] = {
	[A(ACTION)] = EII_ADDRESS_FORM,      [A(FORMACTION)] = EII_ADDRESS_FORM,
	[A(BACKGROUND)] = EII_ADDRESS_IMAGE, [A(DYNSRC)] = EII_ADDRESS_MEDIA,
	[A(LOWSRC)] = EII_ADDRESS_IMAGE,     [A(POSTER)] = EII_ADDRESS_IMAGE,
	[A(CITE)] = EII_ADDRESS_LINK,        [A(LONGDESC)] = EII_ADDRESS_LINK,
	[A(PROFILE)] = EII_ADDRESS_LINK,     [A(MANIFEST)] = EII_ADDRESS_LINK,
	[A(ITEMID)] = EII_ADDRESS_LINK,      [A(USEMAP)] = EII_ADDRESS_LINK,
	[A(PLUGINSPAGE)] = EII_ADDRESS_LINK, [A(DATASRC)] = EII_ADDRESS_LINK,
	[A(CODEBASE)] = EII_ADDRESS_MEDIA,   [A(CLASSID)] = EII_ADDRESS_MEDIA,
	[A(DATA)] = EII_ADDRESS_MEDIA,       [A(CODE)] = EII_ADDRESS_MEDIA,
	[A(OBJECT)] = EII_ADDRESS_MEDIA,     [A(VALUE)] = EII_ADDRESS_MEDIA,
	[A(ICON)] = EII_ADDRESS_IMAGE,       [A(URN)] = EII_ADDRESS_LINK,
};

/* A base is relative to nothing. */
static void find_target(const struct eii_html_finding *finding,
			const struct eii_html_element *element, const struct eii_html_start *tag,
			struct eii_text value)
{
	struct eii_html_finding apart = *finding;

	if (element->tag == EII_HTML_TAG_BASE)
		apart.base = eii_text(NULL, 0);
	eii_html_found(&apart, kind_of(element, tag), value);
}

static void find_in_attribute(const struct eii_html_finding *finding,
			      const struct eii_html_element *element,
			      const struct eii_html_start *tag, enum eii_html_attribute_name name)
{
	const struct eii_text value = eii_html_tag_value(tag, name, finding->scratch);

	switch ((int)name) {
	case A(HREF):
	case A(SRC):
	case A(XLINK_HREF):
		find_target(finding, element, tag, value);
		break;
	case A(SRCSET):
	case A(IMAGESRCSET):
		find_in_srcset(finding, value);
		break;
	case A(PING):
	case A(ITEMTYPE):
	case A(ARCHIVE):
		find_in_list(finding, EII_ADDRESS_LINK, value);
		break;
	case A(SRCDOC):
		if (element->tag == EII_HTML_TAG_IFRAME)
			eii_html_find_in_html(finding, EII_ADDRESS_FRAME, value);
		else
			find_text(finding, EII_ADDRESS_LINK, value);
		break;
	case A(STYLE):
		if (eii_html_css_may_load(value))
			eii_html_find_in_css(finding, value);
		break;
	case A(CONTENT):
		if (element->tag == EII_HTML_TAG_META && is_refresh(tag))
			find_in_refresh(finding, value);
		else
			find_text(finding, EII_ADDRESS_LINK, value);
		break;
	default:
		if (takes_address(element, tag, name))
			eii_html_found(finding, (enum eii_address_kind)kinds[name], value);
		else
			find_text(finding, EII_ADDRESS_LINK, value);
		break;
	}
}

/* Names of which some elements take an address. */
static const uint64_t address_names =
	UINT64_C(1) << A(HREF) | UINT64_C(1) << A(SRC) | UINT64_C(1) << A(XLINK_HREF) |
	UINT64_C(1) << A(SRCSET) | UINT64_C(1) << A(IMAGESRCSET) | UINT64_C(1) << A(PING) |
	UINT64_C(1) << A(ITEMTYPE) | UINT64_C(1) << A(ARCHIVE) | UINT64_C(1) << A(SRCDOC) |
	UINT64_C(1) << A(STYLE) | UINT64_C(1) << A(CONTENT) | UINT64_C(1) << A(ACTION) |
	UINT64_C(1) << A(FORMACTION) | UINT64_C(1) << A(BACKGROUND) | UINT64_C(1) << A(DYNSRC) |
	UINT64_C(1) << A(LOWSRC) | UINT64_C(1) << A(POSTER) | UINT64_C(1) << A(CITE) |
	UINT64_C(1) << A(LONGDESC) | UINT64_C(1) << A(PROFILE) | UINT64_C(1) << A(MANIFEST) |
	UINT64_C(1) << A(ITEMID) | UINT64_C(1) << A(USEMAP) | UINT64_C(1) << A(PLUGINSPAGE) |
	UINT64_C(1) << A(DATASRC) | UINT64_C(1) << A(CODEBASE) | UINT64_C(1) << A(CLASSID) |
	UINT64_C(1) << A(DATA) | UINT64_C(1) << A(CODE) | UINT64_C(1) << A(OBJECT) |
	UINT64_C(1) << A(VALUE) | UINT64_C(1) << A(ICON) | UINT64_C(1) << A(URN);

void eii_html_find_in_tag(const struct eii_html_finding *finding,
			  const struct eii_html_element *element, const struct eii_html_start *tag)
{
	if (!finding->addresses || !(tag->has & address_names))
		return;
	for (size_t i = 0; i < tag->n; i++) {
		const unsigned char name = tag->order[i];

		if (address_names >> name & 1)
			find_in_attribute(finding, element, tag,
					  (enum eii_html_attribute_name)name);
	}
}

/* What stands in an attribute that takes no address, a handler for example. */
static void find_in_other(const struct eii_html_finding *finding,
			  const struct eii_html_attribute *attribute)
{
	const bool is_handler =
		attribute->name.len > 2 && eii_text_starts_nocase(attribute->name, "on");

	/* A reference may stand for any of it, and an escape in a script. */
	if (!is_handler && !memchr(attribute->value.data, ':', attribute->value.len) &&
	    !memchr(attribute->value.data, '&', attribute->value.len))
		return;
	eii_buf_reset(finding->scratch);
	eii_html_decode(attribute->value, EII_HTML_RAW_VALUE, finding->scratch);
	find_text(finding, is_handler ? EII_ADDRESS_SCRIPT : EII_ADDRESS_LINK,
		  eii_buf_text(finding->scratch));
}

void eii_html_read_tag(const struct eii_html_finding *finding, struct eii_html_tokenizer *t,
		       struct eii_html_start *tag)
{
	struct eii_html_attribute attribute;

	tag->has = 0;
	tag->n = 0;
	while (t && eii_html_next_attribute(t, &attribute)) {
		const uint64_t bit = UINT64_C(1) << attribute.id;
		const bool is_first = attribute.id && !(tag->has & bit);

		if (attribute.value.len > 7 && finding->addresses &&
		    !(is_first && address_names & bit))
			find_in_other(finding, &attribute);
		if (!is_first)
			continue;
		tag->has |= bit;
		tag->order[tag->n++] = (unsigned char)attribute.id;
		tag->raw[attribute.id] = attribute.value;
	}
}

struct eii_text eii_html_tag_value(const struct eii_html_start *tag,
				   enum eii_html_attribute_name name, struct eii_buf *scratch)
{
	if (!eii_html_tag_has(tag, name) || tag->raw[name].len == 0)
		return eii_text_of("");
	if (eii_html_is_plain(tag->raw[name]))
		return tag->raw[name];
	eii_buf_reset(scratch);
	eii_html_decode(tag->raw[name], EII_HTML_RAW_VALUE, scratch);
	return eii_buf_text(scratch);
}

/*
 * "[if mso]>…<![endif]": what Outlook reads, and no browser. Any other comment is
 * searched only.
 */
void eii_html_find_in_comment(const struct eii_html_finding *finding, struct eii_text raw)
{
	const char *inside;
	const char *end;

	if (!finding->addresses || raw.len < 8)
		return;
	inside = raw.data[0] == '[' ? memmem(raw.data, raw.len, "]>", 2) : NULL;
	if (!inside || !memchr(inside, '<', raw.len - (size_t)(inside - raw.data))) {
		find_text(finding, EII_ADDRESS_LINK, raw);
		return;
	}
	inside += 2;
	raw = from(raw, (size_t)(inside - raw.data));
	end = memmem(raw.data, raw.len, "<![endif]", 9);
	if (end)
		raw.len = (size_t)(end - raw.data);
	eii_html_find_in_html(finding, EII_ADDRESS_OUTLOOK, raw);
}
