/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader would see of a text: whether it says anything at all. Characters
 * that show nothing (blanks, joiners, fillers, variation selectors) do not count;
 * a word is a letter or a digit of any script, and no mark, dash, arrow or picture.
 */
#ifndef EII_MAIL_LOOK_H
#define EII_MAIL_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/text.h"

/* Zeroed but for max, then given text after text. */
struct eii_look {
	size_t max;       /* no more characters are counted */
	size_t n_visible; /* characters */
	bool has_words;
};

/* Looks no further once both are known. text: UTF-8; of other bytes each is a character. */
void eii_look_at(struct eii_text text, struct eii_look *look);

static inline bool eii_look_is_over(const struct eii_look *look)
{
	return look->has_words && look->n_visible >= look->max;
}

#endif
