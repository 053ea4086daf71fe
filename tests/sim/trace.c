/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and orders, readable: one a line, with the virtual time. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "models.h"

bool sim_trace_is_on;

static const char *const fact_names[EII_FACTS] = {
	[EII_FACT_TIME] = "TIME",
	[EII_FACT_STOP] = "STOP",
	[EII_FACT_WAKE] = "WAKE",
	[EII_FACT_HUP] = "HUP",
	[EII_FACT_MAILBOX_OPENED] = "MAILBOX_OPENED",
	[EII_FACT_MAILBOX_LISTED] = "MAILBOX_LISTED",
	[EII_FACT_MAILBOX_LOOKED] = "MAILBOX_LOOKED",
	[EII_FACT_MAILBOX_SEARCHED] = "MAILBOX_SEARCHED",
	[EII_FACT_MAILBOX_SIZES] = "MAILBOX_SIZES",
	[EII_FACT_MAILBOX_FOUND] = "MAILBOX_FOUND",
	[EII_FACT_MAILBOX_BODY] = "MAILBOX_BODY",
	[EII_FACT_MAILBOX_FETCHED] = "MAILBOX_FETCHED",
	[EII_FACT_MAILBOX_WATCHED] = "MAILBOX_WATCHED",
	[EII_FACT_MAILBOX_GLANCED] = "MAILBOX_GLANCED",
	[EII_FACT_MAILBOX_CLOSED] = "MAILBOX_CLOSED",
	[EII_FACT_MAILBOX_FAILED] = "MAILBOX_FAILED",
	[EII_FACT_QUEUE_DIALLED] = "QUEUE_DIALLED",
	[EII_FACT_QUEUE_HUNG_UP] = "QUEUE_HUNG_UP",
	[EII_FACT_QUEUE_OUTCOME] = "QUEUE_OUTCOME",
	[EII_FACT_QUEUE_BLOCKED] = "QUEUE_BLOCKED",
	[EII_FACT_QUEUE_UNBLOCKED] = "QUEUE_UNBLOCKED",
	[EII_FACT_QUEUE_FAILED] = "QUEUE_FAILED",
	[EII_FACT_REGISTERED] = "REGISTERED",
	[EII_FACT_PONG] = "PONG",
	[EII_FACT_STATE] = "STATE",
	[EII_FACT_QUEUE_SIZE] = "QUEUE_SIZE",
	[EII_FACT_WORK_FOUND] = "WORK_FOUND",
	[EII_FACT_WORK_ADDED] = "WORK_ADDED",
	[EII_FACT_WORK_TOLD] = "WORK_TOLD",
	[EII_FACT_WORK_CLOSED] = "WORK_CLOSED",
	[EII_FACT_WORK_SEEN] = "WORK_SEEN",
	[EII_FACT_RIGHTS] = "RIGHTS",
	[EII_FACT_KNOWN] = "KNOWN",
	[EII_FACT_REPORTS] = "REPORTS",
	[EII_FACT_PLATFORM_FAILED] = "PLATFORM_FAILED",
	[EII_FACT_CONVERTED] = "CONVERTED",
	[EII_FACT_MADE] = "MADE",
	[EII_FACT_CONVERTER_FAILED] = "CONVERTER_FAILED",
};

static const char *const order_names[EII_ORDERS] = {
	[EII_ORDER_OPEN] = "OPEN",
	[EII_ORDER_LIST] = "LIST",
	[EII_ORDER_LOOK] = "LOOK",
	[EII_ORDER_SEARCH] = "SEARCH",
	[EII_ORDER_SIZES] = "SIZES",
	[EII_ORDER_FIND] = "FIND",
	[EII_ORDER_FETCH] = "FETCH",
	[EII_ORDER_WATCH] = "WATCH",
	[EII_ORDER_GLANCE] = "GLANCE",
	[EII_ORDER_CLOSE] = "CLOSE",
	[EII_ORDER_DIAL] = "DIAL",
	[EII_ORDER_SEND] = "SEND",
	[EII_ORDER_HANG_UP] = "HANG_UP",
	[EII_ORDER_REGISTER] = "REGISTER",
	[EII_ORDER_PING] = "PING",
	[EII_ORDER_READ_STATE] = "READ_STATE",
	[EII_ORDER_QUEUE_SIZE] = "QUEUE_SIZE",
	[EII_ORDER_WORK_FIND] = "WORK_FIND",
	[EII_ORDER_WORK_ADD] = "WORK_ADD",
	[EII_ORDER_WORK_TELL] = "WORK_TELL",
	[EII_ORDER_WORK_CLOSE] = "WORK_CLOSE",
	[EII_ORDER_WORK_LOOK] = "WORK_LOOK",
	[EII_ORDER_RIGHTS] = "RIGHTS",
	[EII_ORDER_KNOWN] = "KNOWN",
	[EII_ORDER_FIND_REPORTS] = "FIND_REPORTS",
	[EII_ORDER_CONVERT] = "CONVERT",
	[EII_ORDER_MAKE] = "MAKE",
	[EII_ORDER_DROP] = "DROP",
	[EII_ORDER_CUT] = "CUT",
	[EII_ORDER_TELL] = "TELL",
	[EII_ORDER_OVER] = "OVER",
};

static const char *const event_names[EII_EVENTS] = {
	[EII_EVENT_FAULT] = "FAULT",
	[EII_EVENT_FAULT_STANDS] = "FAULT_STANDS",
	[EII_EVENT_FAULT_OVER] = "FAULT_OVER",
	[EII_EVENT_WAITS_PERSON] = "WAITS_PERSON",
	[EII_EVENT_BLOCKED] = "BLOCKED",
	[EII_EVENT_UNBLOCKED] = "UNBLOCKED",
	[EII_EVENT_RUN_STARTED] = "RUN_STARTED",
	[EII_EVENT_RUN_PROGRESS] = "RUN_PROGRESS",
	[EII_EVENT_RUN_DONE] = "RUN_DONE",
	[EII_EVENT_RUN_BROKEN] = "RUN_BROKEN",
	[EII_EVENT_RUN_CAREFUL] = "RUN_CAREFUL",
	[EII_EVENT_NOTHING_NEW] = "NOTHING_NEW",
	[EII_EVENT_WINDOW_EMPTY] = "WINDOW_EMPTY",
	[EII_EVENT_OVER_THRESHOLD] = "OVER_THRESHOLD",
	[EII_EVENT_UNDER_THRESHOLD] = "UNDER_THRESHOLD",
	[EII_EVENT_PAUSED_OUT] = "PAUSED_OUT",
	[EII_EVENT_NOT_PUSHED] = "NOT_PUSHED",
	[EII_EVENT_STOPPED] = "STOPPED",
	[EII_EVENT_RENUMBERED] = "RENUMBERED",
	[EII_EVENT_UIDNEXT_BACK] = "UIDNEXT_BACK",
	[EII_EVENT_TAKEN_OVER] = "TAKEN_OVER",
	[EII_EVENT_SET_ASIDE] = "SET_ASIDE",
	[EII_EVENT_REPAIRED] = "REPAIRED",
	[EII_EVENT_GIVEN_UP_UID] = "GIVEN_UP_UID",
	[EII_EVENT_KILLER] = "KILLER",
	[EII_EVENT_FOLDER_NEW] = "FOLDER_NEW",
	[EII_EVENT_FOLDER_GONE] = "FOLDER_GONE",
	[EII_EVENT_FOLDER_RENAMED] = "FOLDER_RENAMED",
	[EII_EVENT_FOLDER_REFUSED] = "FOLDER_REFUSED",
	[EII_EVENT_FOLDERS_TOO_MANY] = "FOLDERS_TOO_MANY",
	[EII_EVENT_REGISTERED] = "REGISTERED",
	[EII_EVENT_RESET] = "RESET",
	[EII_EVENT_DELETED] = "DELETED",
	[EII_EVENT_STATE_UNREADABLE] = "STATE_UNREADABLE",
	[EII_EVENT_FOREIGN_MOVED] = "FOREIGN_MOVED",
	[EII_EVENT_TWIN] = "TWIN",
	[EII_EVENT_WORK_ACCOUNTED] = "WORK_ACCOUNTED",
	[EII_EVENT_WORK_ERRORS] = "WORK_ERRORS",
	[EII_EVENT_WORK_CLEARED] = "WORK_CLEARED",
	[EII_EVENT_WORK_LOST] = "WORK_LOST",
	[EII_EVENT_WORK_UNSURE] = "WORK_UNSURE",
	[EII_EVENT_WORK_LET_GO] = "WORK_LET_GO",
	[EII_EVENT_CANNOT_ACCOUNT] = "CANNOT_ACCOUNT",
	[EII_EVENT_CANNOT_ASK] = "CANNOT_ASK",
	[EII_EVENT_RETURNED] = "RETURNED",
	[EII_EVENT_RIGHTS_MISSING] = "RIGHTS_MISSING",
	[EII_EVENT_RIGHTS_THERE] = "RIGHTS_THERE",
	[EII_EVENT_NACKED] = "NACKED",
	[EII_EVENT_TOO_LARGE] = "TOO_LARGE",
	[EII_EVENT_NO_REPORT] = "NO_REPORT",
	[EII_EVENT_AUTHOR_UNKNOWN] = "AUTHOR_UNKNOWN",
	[EII_EVENT_MARKING_UNKNOWN] = "MARKING_UNKNOWN",
	[EII_EVENT_REPORTS_WAIT] = "REPORTS_WAIT",
	[EII_EVENT_CLOCK_OFF] = "CLOCK_OFF",
};

const char *sim_fact_name(enum eii_fact_type type)
{
	return fact_names[type];
}

static void print_time(const struct sim_world *world)
{
	printf("%10" PRId64 ".%03d ", world->now_ms / 1000, (int)(world->now_ms % 1000));
}

void sim_trace(const struct sim_world *world, const char *format, ...)
{
	va_list args;

	if (!sim_trace_is_on)
		return;
	print_time(world);
	printf("     ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void print_mailbox_fact(const struct eii_fact *fact)
{
	switch (fact->type) {
	case EII_FACT_MAILBOX_OPENED:
	case EII_FACT_MAILBOX_LOOKED:
		printf(" validity %" PRIu64 " uidnext %u mails %u", fact->folder.uidvalidity,
		       fact->folder.uidnext, fact->folder.n_mails);
		break;
	case EII_FACT_MAILBOX_LISTED:
		for (uint32_t i = 0; i < fact->folders.n; i++)
			printf(" %s", fact->folders.names[i].name);
		break;
	case EII_FACT_MAILBOX_WATCHED:
		printf("%s", fact->yes ? " more" : " over");
		break;
	case EII_FACT_MAILBOX_SEARCHED:
		printf(" answer %d n %u %u:%u", fact->search.has_answer, fact->search.n,
		       fact->search.lowest, fact->search.highest);
		break;
	case EII_FACT_MAILBOX_SIZES:
		for (uint16_t i = 0; i < fact->sizes.n; i++)
			printf(" %u:%" PRIu64 "%s%s", fact->sizes.infos[i].uid,
			       fact->sizes.infos[i].size_bytes,
			       fact->sizes.infos[i].has_size ? "" : "?",
			       fact->sizes.infos[i].has_date ? "" : "d?");
		printf("%s", fact->sizes.is_end ? " end" : "");
		break;
	case EII_FACT_MAILBOX_FOUND:
		printf(" %s", fact->yes ? "yes" : "no");
		break;
	default:
		printf(" uid %u slot %u result %d len %" PRIu64, fact->body.uid, fact->body.slot,
		       fact->body.result, fact->body.len);
		break;
	}
}

static void print_fact(const struct eii_fact *fact)
{
	switch (fact->type) {
	case EII_FACT_QUEUE_OUTCOME:
		printf(" %d limit %" PRIu64, fact->outcome.result, fact->outcome.limit_bytes);
		break;
	case EII_FACT_REGISTERED:
	case EII_FACT_PONG:
	case EII_FACT_STATE:
	case EII_FACT_WORK_FOUND:
	case EII_FACT_WORK_ADDED:
		printf(" %s%s", fact->text ? fact->text : "null", fact->yes ? " unknown" : "");
		break;
	case EII_FACT_QUEUE_SIZE:
		printf(" %.0f messages %.0f bytes", fact->queue.n_messages, fact->queue.size_bytes);
		break;
	case EII_FACT_WORK_SEEN:
		printf(" exists %d alive %d complete %d counts %d %u/%u errors %u+%u",
		       fact->work.exists, fact->work.is_alive, fact->work.is_complete,
		       fact->work.has_counts, fact->work.processed, fact->work.expected,
		       fact->work.errors.n_mendable, fact->work.errors.n_other);
		break;
	case EII_FACT_KNOWN:
		printf(" author %d marking %d", fact->known.has_author, fact->known.has_marking);
		break;
	case EII_FACT_REPORTS:
		for (uint16_t i = 0; i < fact->reports.n; i++)
			printf(" %d", fact->reports.is_there[i]);
		break;
	case EII_FACT_CONVERTED:
		printf(" slot %u reason %u %.16s", fact->converted.slot, fact->converted.reason,
		       fact->converted.plain_id);
		break;
	case EII_FACT_MADE:
		printf(" slot %u n %u %" PRIu64 "+%" PRIu64, fact->made.slot, fact->made.n_messages,
		       fact->made.bytes[0], fact->made.bytes[1]);
		break;
	default:
		break;
	}
}

void sim_trace_fact(const struct sim_world *world, const struct eii_fact *fact)
{
	if (!sim_trace_is_on || fact->type == EII_FACT_TIME)
		return;
	print_time(world);
	printf("<--  %s", fact_names[fact->type]);
	if (fact->order)
		printf(" #%" PRIu64, fact->order);
	if (fact->failure.kind)
		printf(" kind %d%s%s retry-after %u", fact->failure.kind,
		       fact->failure.is_outcome_unknown ? " unknown" : "",
		       fact->failure.lives ? " lives" : "", fact->failure.retry_after_s);
	else if (fact->type >= EII_FACT_MAILBOX_OPENED && fact->type <= EII_FACT_MAILBOX_BODY)
		print_mailbox_fact(fact);
	else
		print_fact(fact);
	putchar('\n');
}

static void print_items(const struct eii_order *order)
{
	for (uint16_t i = 0; i < order->fetch.n; i++)
		printf(" %u@%u:%" PRIu64, order->fetch.items[i].uid, order->fetch.items[i].slot,
		       order->fetch.items[i].granted_bytes);
	if (order->fetch.head_bytes)
		printf(" head %u", order->fetch.head_bytes);
}

static void print_order(const struct eii_order *order)
{
	switch (order->type) {
	case EII_ORDER_OPEN:
		printf(" %s", order->open.folder ? order->open.folder : "");
		break;
	case EII_ORDER_LOOK:
		printf("%s %s", order->look.is_fresh ? " fresh" : "",
		       order->look.folder ? order->look.folder : "");
		break;
	case EII_ORDER_SEARCH:
		printf(" from %u since %" PRId64, order->search.first, order->search.since_unix_s);
		break;
	case EII_ORDER_SIZES:
		printf(" after %u max %u", order->sizes.after, order->sizes.max);
		break;
	case EII_ORDER_FIND:
		printf(" %u", order->find.uid);
		break;
	case EII_ORDER_FETCH:
		print_items(order);
		break;
	case EII_ORDER_WATCH:
		printf(" until %" PRId64 ".%03d", order->watch.until_ms / 1000,
		       (int)(order->watch.until_ms % 1000));
		break;
	case EII_ORDER_SEND:
		printf(" kind %d slot %u index %u %s", order->send.kind, order->send.slot,
		       order->send.index, order->send.work_id ? order->send.work_id : "-");
		break;
	case EII_ORDER_PING:
		printf(" %s", order->ping.state);
		break;
	case EII_ORDER_WORK_TELL:
	case EII_ORDER_WORK_CLOSE:
	case EII_ORDER_WORK_LOOK:
		printf(" %s n %u", order->work.id, order->work.n);
		break;
	case EII_ORDER_FIND_REPORTS:
		for (uint16_t i = 0; i < order->find_reports.n; i++)
			printf(" %u", order->find_reports.slots[i]);
		break;
	case EII_ORDER_CONVERT:
		printf(" slot %u%s", order->convert.slot,
		       order->convert.is_head_only ? " head" : "");
		break;
	case EII_ORDER_MAKE:
		printf(" slot %u ms %u limit %" PRIu64 " reason %u", order->make.slot,
		       order->make.milliseconds, order->make.limit_bytes, order->make.reason);
		break;
	case EII_ORDER_DROP:
		printf(" slot %u", order->drop.slot);
		break;
	case EII_ORDER_CUT:
		printf(" part %d", order->cut.part);
		break;
	case EII_ORDER_TELL:
		printf(" %s part %d a %" PRIu64 " b %" PRIu64 " c %" PRIu64 " %s",
		       event_names[order->tell.type], order->tell.part, order->tell.a,
		       order->tell.b, order->tell.c, order->tell.words ? order->tell.words : "");
		break;
	default:
		break;
	}
}

void sim_trace_order(const struct sim_world *world, const struct eii_order *order)
{
	if (!sim_trace_is_on)
		return;
	print_time(world);
	printf(" --> %s #%" PRIu64, order_names[order->type], order->number);
	print_order(order);
	putchar('\n');
}
