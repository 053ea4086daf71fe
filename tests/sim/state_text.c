/* SPDX-License-Identifier: Apache-2.0 */
/* A state's text, read by eye: nothing of the core's own reader is trusted here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle.h"

/* Behind "name": in text, up to end; NULL where it is not there. */
static const char *member(const char *text, const char *end, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = strchr(text, '"'); at && at < end; at = strchr(at + 1, '"')) {
		if (strncmp(at + 1, name, n) == 0 && at[n + 1] == '"' && at[n + 2] == ':')
			return at + n + 3 + strspn(at + n + 3, " ");
	}
	return NULL;
}

/* The end of the object or array that begins at text. */
static const char *end_of(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		if (*text == '{' || *text == '[')
			depth++;
		if ((*text == '}' || *text == ']') && --depth == 0)
			return text + 1;
	}
	return text;
}

static uint64_t number(const char *text, const char *end, const char *name)
{
	const char *at = member(text, end, name);

	return at ? strtoull(at, NULL, 10) : 0;
}

static const char *place_of(const char *text, const char *key, const char **out_end)
{
	const char *at = text ? member(text, text + strlen(text), key) : NULL;

	if (!at || *at != '{')
		return NULL;
	*out_end = end_of(at);
	return at;
}

static const char *asides_of(const char *text, const char *key, const char **out_end)
{
	const char *end;
	const char *place = place_of(text, key, &end);
	const char *at = place ? member(place, end, "aside") : NULL;

	if (at)
		*out_end = end_of(at);
	return at;
}

bool sim_state_read(const char *text, const char *key, struct sim_state_view *out)
{
	const char *end;
	const char *place = place_of(text, key, &end);
	const char *at;

	memset(out, 0, sizeof(*out));
	if (!place)
		return false;
	out->uidvalidity = number(place, end, "uidvalidity");
	out->cursor = (uint32_t)number(place, end, "cursor");
	out->back = (uint32_t)number(place, end, "back");
	at = member(place, end, "window");
	out->has_window = at != NULL;
	out->is_bounded = !at || number(at, end_of(at), "uidnext") > 0;
	place = asides_of(text, key, &end);
	for (place = place ? place + 1 : NULL; place && place < end; place++)
		out->n_aside += *place == '[';
	return true;
}

bool sim_state_has_aside(const char *text, const char *key, uint32_t uid)
{
	const char *end;
	const char *at = asides_of(text, key, &end);

	for (at = at ? at + 1 : NULL; at && at < end; at++) {
		if (*at == '[' && strtoul(at + 1, NULL, 10) == uid)
			return true;
	}
	return false;
}

uint32_t sim_state_in_hand(const char *text, const char *key)
{
	const char *end;
	const char *place = place_of(text, key, &end);
	const char *at = place ? member(place, end, "in_hand") : NULL;

	return at ? (uint32_t)number(at, end_of(at), "uid") : 0;
}

int64_t sim_state_ingestion(const char *text)
{
	const char *at = member(text, text + strlen(text), "last_email_ingestion");
	struct tm tm = { 0 };

	if (!at || sscanf(at, "\"%d-%d-%dT%d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
			  &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

uint16_t sim_state_work(const char *text)
{
	const char *at = text ? strstr(text, "work_sim_") : NULL;

	return at ? (uint16_t)strtoul(at + 9, NULL, 10) : 0;
}

uint64_t sim_state_foreign(const char *text)
{
	const char *end;
	const char *place = place_of(text, SIM_FOREIGN_KEY, &end);

	return place ? number(place, end, "cursor") : 0;
}
