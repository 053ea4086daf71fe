/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

static struct eii_message *at(struct eii_link *link, uint16_t i)
{
	return &link->book[(link->first + i) % EII_CORE_LINE_MAILS];
}

void eii_link_init(struct eii_link *link)
{
	link->dial.part = EII_PART_QUEUE;
	link->nack.part = EII_PART_QUEUE;
	link->ask.part = EII_PART_PLATFORM;
}

void eii_link_write(struct eii_link *link, const struct eii_message *message)
{
	EII_INVARIANT(link->n < EII_CORE_LINE_MAILS);
	*at(link, link->n) = *message;
	link->n++;
	link->n_open++;
	link->open_bytes += message->bytes;
}

static void shorten(struct eii_link *link)
{
	while (link->n && at(link, 0)->number == 0) {
		link->first = (uint16_t)((link->first + 1) % EII_CORE_LINE_MAILS);
		link->n--;
	}
}

static void strike(struct eii_link *link, struct eii_message *message, struct eii_message *out)
{
	*out = *message;
	message->number = 0;
	link->n_open--;
	link->open_bytes -= out->bytes;
}

bool eii_link_settle(struct eii_link *link, uint64_t number, struct eii_message *out)
{
	for (uint16_t i = 0; number && i < link->n; i++) {
		if (at(link, i)->number != number)
			continue;
		strike(link, at(link, i), out);
		shorten(link);
		return true;
	}
	return false;
}

const struct eii_message *eii_link_oldest(const struct eii_link *link)
{
	return link->n ? &link->book[link->first] : NULL;
}

bool eii_link_take_unknown(struct eii_link *link, struct eii_message *out)
{
	if (link->n == 0)
		return false;
	strike(link, at(link, 0), out);
	shorten(link);
	return true;
}

bool eii_link_may_send(struct eii_link *link, struct eii_pulse *pulse, uint64_t bytes)
{
	const struct eii_core_config *config = &pulse->config;

	if (link->state != EII_LINK_READY || link->is_blocked || link->n >= EII_CORE_LINE_MAILS ||
	    link->n_open >= config->window_messages)
		return false;
	/* An oversized one goes alone. */
	if (link->n_open && link->open_bytes + bytes > config->window_bytes)
		return false;
	return eii_attempt_is_due(&link->nack, pulse);
}

/* An alarm holds confirms back: that is waited for, and told; its end begins the minute anew. */
static bool has_stood(const struct eii_link *link, struct eii_pulse *pulse, int64_t since_ms,
		      int64_t ms)
{
	if (since_ms < link->blocked_ms)
		since_ms = link->blocked_ms;
	return !link->is_blocked && eii_pulse_is_due(pulse, since_ms + ms);
}

const char *eii_link_is_stuck(struct eii_link *link, struct eii_pulse *pulse)
{
	const struct eii_message *oldest = eii_link_oldest(link);

	if (link->state < EII_LINK_AUTHOR || link->state > EII_LINK_READY)
		return NULL;
	if (oldest && has_stood(link, pulse, oldest->sent_ms, EII_LINK_CONFIRM_MS))
		return pulse->config.way == EII_CORE_TO_FILES
			       ? "a file has not been written for a minute"
			       : "the broker has not confirmed a message for a minute";
	if (link->nacked_ms && has_stood(link, pulse, link->nacked_ms, EII_LINK_NACKED_MS))
		return "the broker has refused messages on this connection for a minute";
	return NULL;
}

void eii_link_down(struct eii_link *link)
{
	link->state = EII_LINK_DOWN;
	link->order = 0;
	link->is_blocked = false;
	link->blocked_ms = 0;
	link->is_blocked_told = false;
	link->nacked_ms = 0;
	/* Handed over on the old connection, not confirmed on any: sent once more. */
	if (!link->knows_marking)
		link->is_marking_sent = false;
	link->ask_since_ms = 0;
	eii_burst_forget(&link->burst);
}

void eii_link_forget(struct eii_link *link)
{
	link->is_marking_sent = false;
	link->knows_author = false;
	link->knows_marking = false;
	link->is_author_waived = false;
	link->is_known = false;
	link->ask_since_ms = 0;
}
