/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "eii/mail/rtf.h"

#define HEADER        16
#define WINDOW        4096u /* bytes that a reference can reach; a power of two */
#define REFERENCE_MIN 2

/* What the window holds at first ([MS-OXRTFCP], 2.1.3.1). */
static const char first_window[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
	"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
	"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct window {
	char bytes[WINDOW];
	size_t at;
};

static uint32_t number_at(const char *p)
{
	uint32_t n = 0;

	for (int i = 3; i >= 0; i--)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

static void put(struct window *window, char c, struct eii_buf *out)
{
	window->bytes[window->at] = c;
	window->at = (window->at + 1) % WINDOW;
	eii_buf_add_char(out, c);
}

/* False at the reference that says the end. */
static bool follow(struct window *window, const char *p, struct eii_buf *out)
{
	unsigned int reference = (unsigned int)(unsigned char)p[0] << 8 | (unsigned char)p[1];
	size_t from = reference >> 4;
	size_t len = (reference & 0x0f) + REFERENCE_MIN;

	if (from == window->at)
		return false;
	for (size_t i = 0; i < len; i++)
		put(window, window->bytes[(from + i) % WINDOW], out);
	return true;
}

/* False where the input ends without saying so. */
static bool expand(struct window *window, struct eii_text in, struct eii_buf *out)
{
	const char *end = in.data + in.len;
	const char *p = in.data;

	while (p < end && eii_buf_ok(out)) {
		unsigned int control = (unsigned char)*p++;

		for (int bit = 0; bit < 8 && p < end; bit++, control >>= 1) {
			if (!(control & 1)) {
				put(window, *p++, out);
				continue;
			}
			if (end - p < 2)
				return false;
			if (!follow(window, p, out))
				return true;
			p += 2;
		}
	}
	return false;
}

bool eii_rtf_decompress(struct eii_text compressed, struct eii_buf *out)
{
	struct window window = { .at = sizeof(first_window) - 1 };
	size_t before = out->len;
	struct eii_text in;
	uint32_t size;

	if (compressed.len < HEADER)
		return false;
	size = number_at(compressed.data + 4);
	in = eii_text(compressed.data + HEADER, compressed.len - HEADER);
	if (!memcmp(compressed.data + 8, "MELA", 4)) {
		bool is_whole = size <= in.len;

		eii_buf_add(out, in.data, is_whole ? size : in.len);
		return is_whole && eii_buf_ok(out);
	}
	if (memcmp(compressed.data + 8, "LZFu", 4) != 0)
		return false;
	memcpy(window.bytes, first_window, sizeof(first_window) - 1);
	/* Some writers leave the mark at the end out. */
	return (expand(&window, in, out) || out->len - before >= size) && eii_buf_ok(out);
}
