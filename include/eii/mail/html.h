/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stranger's HTML and text made safe to show: what EMAIL_INTEL_IMAP_CONTENT=safe
 * puts into a report (docs/safe-content.md lists what stays and what goes).
 *
 * The HTML is read by the layer html as browsers read it, and each allowed tag
 * is written anew: known name, known attributes, quoted and escaped, balanced, at
 * most EII_HTML_OPEN_MAX deep. What loads from outside, runs or submits is not
 * written at all; its address is, as text. Time and memory are linear in the input,
 * also for hostile input.
 *
 * Neither function opens a file, reads the environment or a clock.
 */
#ifndef EII_MAIL_HTML_H
#define EII_MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/text.h"
#include "eii/mail/addresses.h"
#include "eii/mail/look.h"

#define EII_HTML_IMAGES_MISSED 1000 /* left out of a mail; then no cid: is looked for any more */
#define EII_HTML_URL_BYTES     8192 /* of a live link; a longer address is text */

/* Bytes of an image that belongs to the mail; borrowed from the callback's owner. */
struct eii_html_image {
	const void *data;
	size_t len;
};

/* What became of one or several bodies; the caller zeroes it once for a mail. */
struct eii_html_tally {
	size_t image_bytes;       /* of images that are in the output, decoded */
	size_t n_images_left_out; /* remote, unknown, of another type, or over the limit */
	bool cut;                 /* the output's ceiling was met: the rest is missing */
};

struct eii_html_options {
	/*
	 * The image of a Content-ID (without "cid:" and "<>", %XX decoded); false where
	 * there is none. NULL: no image is ever found. Only PNG, JPEG, GIF and WebP are
	 * put in, told by their first bytes.
	 */
	bool (*find_cid)(void *context, struct eii_text cid, struct eii_html_image *out);
	void *context;

	/* Ceiling of tally->image_bytes, for cid: and data: images together; 0 = none. */
	size_t inline_image_bytes;

	struct eii_html_tally *tally; /* counted up; NULL: each call counts for itself */

	/*
	 * Gets every address of the HTML, live links included; NULL: those that are no
	 * live links and do not stand behind a link's words are lost.
	 */
	struct eii_addresses *addresses;
};

/*
 * Adds a fragment of canonical HTML to out; html is valid UTF-8. Control characters
 * are gone, characters that turn the direction of text are shown by their number.
 * Where out's ceiling is met the output ends there, balanced, and tally->cut is set;
 * the addresses behind it are found all the same.
 *
 * EII_REJECT, and out as it was: html is not UTF-8, or over 512 MiB.
 */
enum eii_rc eii_html_sanitize(struct eii_text html, const struct eii_html_options *options,
			      struct eii_buf *out, struct eii_error *err) EII_MUST_CHECK;

/* Finds the addresses of HTML that is not shown, all as of that kind. */
void eii_html_find_addresses(struct eii_text html, enum eii_address_kind kind,
			     struct eii_addresses *addresses);

/* Looks at the text of HTML that a reader would see, as eii_look_at() does. */
void eii_html_look_at(struct eii_text html, struct eii_look *look);

/*
 * Adds the words that a reader sees of HTML, a line for each block, those of a <blockquote>
 * with "> " in front; cells of a table stand on its row's line. Ends at out's ceiling.
 */
void eii_html_lines(struct eii_text html, struct eii_buf *out);

/*
 * Adds plain text as HTML: & < > " ' escaped, line ends as <br>, runs of spaces kept
 * by &nbsp;, tabs up to the next of every 8 columns. text is valid UTF-8. Ends at
 * out's ceiling, between two characters, with out marked (eii_buf_ok() is false).
 */
void eii_text_to_html(struct eii_text text, struct eii_buf *out);

#endif
