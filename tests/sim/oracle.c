/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold at every step. */
#include "oracle.h"

#include <string.h>

#include "models.h"

#define SECOND     INT64_C(1000)
#define WAIT_MS    (600 * SECOND)     /* no wait for an answer may be longer */
#define WATCH_MS   (29 * 60 * SECOND) /* but for announcements, which servers end at 30 minutes */
#define HOUR_MS    (3600 * SECOND)
#define SIGN_INS   60 /* between runs, in an hour of a life */
#define STOP_MS    (10 * SECOND)
#define TELL_MS    (150 * SECOND) /* what fails for a minute is told by then */
#define CALLS      256
#define CALLS_1_S  5
#define CALLS_60_S 150
#define ALONE_MS   (3600 * SECOND)

/* ---- calls and waits ------------------------------------------------------ */

static bool is_awaited(enum eii_order_type type)
{
	return (type >= EII_ORDER_OPEN && type <= EII_ORDER_DIAL) || type == EII_ORDER_HANG_UP ||
	       (type >= EII_ORDER_REGISTER && type <= EII_ORDER_FIND_REPORTS);
}

/* Between runs a session is opened for announcements alone: nobody is told of its failures. */
static enum eii_order_type check_sign_in(struct sim_world *world, const struct eii_order *order)
{
	struct sim_oracle *oracle = &world->oracle;
	struct eii_core_view view;

	eii_core_view(world->process.core, &view);
	if (order->type != EII_ORDER_OPEN || view.phase != EII_PHASE_IDLE)
		return order->type;
	if (oracle->sign_ins_life != world->process.life ||
	    world->now_ms - oracle->sign_ins_ms >= HOUR_MS) {
		oracle->sign_ins_life = world->process.life;
		oracle->sign_ins_ms = world->now_ms;
		oracle->n_sign_ins = 0;
	}
	if (++oracle->n_sign_ins > SIGN_INS)
		sim_fail(world, "bounded-sign-ins", "%u in an hour", oracle->n_sign_ins);
	return EII_ORDER_WATCH;
}

static void check_deadline(struct sim_world *world, const struct eii_order *order)
{
	int64_t wait_ms = order->type == EII_ORDER_WATCH ? WATCH_MS : WAIT_MS;

	world->oracle.types[order->number % 4096] = (uint8_t)check_sign_in(world, order);
	if (is_awaited(order->type) &&
	    (order->deadline_ms > world->now_ms + wait_ms || order->deadline_ms <= world->now_ms))
		sim_fail(world, "no-wait-unbounded", "order %d waits for %ld ms", order->type,
			 (long)(order->deadline_ms - world->now_ms));
}

static void check_call(struct sim_world *world, const struct eii_order *order)
{
	struct sim_oracle *oracle = &world->oracle;
	uint32_t n = oracle->n_calls++;

	if (n >= CALLS_1_S && oracle->calls_ms[(n - CALLS_1_S) % CALLS] > world->now_ms - SECOND)
		sim_fail(world, "bounded-calls", "more than %d calls within a second, order %d",
			 CALLS_1_S, order->type);
	if (n >= CALLS_60_S &&
	    oracle->calls_ms[(n - CALLS_60_S) % CALLS] > world->now_ms - 60 * SECOND)
		sim_fail(world, "bounded-calls", "more than %d calls within a minute, order %d",
			 CALLS_60_S, order->type);
	oracle->calls_ms[n % CALLS] = world->now_ms;
}

/* One order may be two requests: about and registerConnector, isWorkAlive and work. */
static void check_calls(struct sim_world *world, const struct eii_order *order)
{
	check_call(world, order);
	if (order->type == EII_ORDER_REGISTER || order->type == EII_ORDER_WORK_LOOK)
		check_call(world, order);
}

/* ---- what is told --------------------------------------------------------- */

/* The folder that the event names; else the one at work. */
static struct sim_folder *named_by(struct sim_world *world, const struct eii_event *event)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	const char *name = event->words ? event->words : "";

	for (uint32_t i = 0; i < mailbox->n_folders; i++) {
		struct sim_folder *folder = &mailbox->folders[i];

		if (strcmp(folder->key + strlen(SIM_ACCOUNT), name) == 0)
			return folder;
	}
	return mailbox->worked;
}

static void let_go(struct sim_world *world, const struct eii_event *event)
{
	const struct sim_folder *folder = named_by(world, event);

	if (world->struck[SIM_FAULT_WORK_CLEARED] + world->struck[SIM_FAULT_DELETED] < 2)
		sim_fail(world, "each-mail-once", "let go, but not cleared twice");
	/* In a row: one that was accounted for in between begins anew (but for refusals). */
	if (!world->oracle.told[EII_EVENT_WORK_ERRORS].n &&
	    sim_oracle_told_since(world, EII_EVENT_WORK_ACCOUNTED, world->oracle.life_ms) &&
	    sim_oracle_told_since(world, EII_EVENT_WORK_ACCOUNTED,
				  world->oracle.told[EII_EVENT_WORK_CLEARED].last_ms + 1))
		sim_fail(world, "each-mail-once", "let go, but not cleared twice in a row");
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		struct sim_mail *mail = &world->mails[i];

		if (mail->folder == folder - world->mailbox.folders && mail->uid >= event->a &&
		    mail->uid <= event->b)
			mail->is_passed = true;
	}
}

/* Where only single mails do not come, no other one is set aside for them. */
static void check_innocent(struct sim_world *world, const struct sim_mail *mail)
{
	static const enum sim_fault faults[] = {
		SIM_FAULT_MAILBOX_SLOW, SIM_FAULT_MAILBOX_DOWN, SIM_FAULT_SIGN_IN_REFUSED,
		SIM_FAULT_SESSION_LOST, SIM_FAULT_THROTTLED,    SIM_FAULT_REFUSED_ONCE,
		SIM_FAULT_EXPUNGED,     SIM_FAULT_RENUMBERED,   SIM_FAULT_RESTORED,
		SIM_FAULT_SIZE_LIES,
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		if (world->struck[faults[i]])
			return;
	}
	if (!mail->had_trouble)
		sim_fail(world, "content", "mail %u is set aside for another one",
			 (unsigned)(mail - world->mails));
}

static void take_asked(struct sim_world *world, const struct eii_order *order)
{
	for (uint16_t i = 0; i < order->fetch.n; i++) {
		struct sim_mail *mail =
			sim_folder_find(world, world->mailbox.worked, order->fetch.items[i].uid);

		if (mail && !mail->asked_ms) {
			mail->asked_ms = world->now_ms;
			mail->n_bodies_then = world->oracle.n_bodies;
		}
	}
}

/* While nothing else comes it is the server's trouble, for an hour at least. */
static void check_alone(struct sim_world *world, const struct sim_mail *mail)
{
	const struct sim_oracle *oracle = &world->oracle;

	/* What was refused in an earlier run is timed by the wall clock, in whole seconds. */
	if (!world->plan.is_once && !oracle->was_renumbered &&
	    !world->struck[SIM_FAULT_WALL_JUMP] && mail->asked_ms &&
	    oracle->n_bodies == mail->n_bodies_then &&
	    world->now_ms - mail->asked_ms < ALONE_MS - SECOND)
		sim_fail(world, "content", "mail %u is set aside while nothing else comes",
			 (unsigned)(mail - world->mails));
}

static void mark_aside(struct sim_world *world, const struct eii_event *event)
{
	struct sim_mail *mail = sim_folder_find(world, world->mailbox.worked, (uint32_t)event->a);

	if (!mail)
		return;
	if (event->type == EII_EVENT_KILLER) {
		mail->is_killer = true;
		return;
	}
	mail->is_aside = true;
	check_innocent(world, mail);
	if (event->type == EII_EVENT_SET_ASIDE)
		check_alone(world, mail);
	if (event->type == EII_EVENT_GIVEN_UP_UID)
		mail->facts_only = true;
	if (event->type == EII_EVENT_NO_REPORT)
		mail->no_report = true;
}

/* What is refused within the pause was sent before it: one burst, told once. */
static void take_nacked(struct sim_world *world, const struct eii_event *event)
{
	struct sim_oracle *oracle = &world->oracle;

	if (world->now_ms < oracle->nacked_until_ms)
		sim_fail(world, "lasting-faults-show", "a burst of nacks is told twice");
	oracle->nacked_until_ms = world->now_ms + (int64_t)event->a;
}

static void take_told(struct sim_world *world, const struct eii_event *event)
{
	struct sim_told *told = &world->oracle.told[event->type];

	told->n++;
	told->last_ms = world->now_ms;
	told->last = *event;
	switch (event->type) {
	case EII_EVENT_FAULT_STANDS:
	case EII_EVENT_WAITS_PERSON:
		world->oracle.is_told_of[event->part] = true;
		break;
	case EII_EVENT_NACKED:
		take_nacked(world, event);
		break;
	case EII_EVENT_FAULT_OVER:
		world->oracle.is_told_of[event->part] = false;
		sim_oracle_forget_failures(world, event->part);
		break;
	case EII_EVENT_RENUMBERED:
	case EII_EVENT_UIDNEXT_BACK:
		sim_oracle_begins_anew(world, world->mailbox.worked);
		break;
	case EII_EVENT_RESET:
	case EII_EVENT_DELETED:
	case EII_EVENT_STATE_UNREADABLE:
		sim_oracle_begins_anew(world, NULL);
		break;
	case EII_EVENT_FOLDER_NEW:
		sim_oracle_begins_anew(world, named_by(world, event));
		break;
	case EII_EVENT_WORK_CLEARED:
	case EII_EVENT_WORK_LOST:
	case EII_EVENT_WORK_UNSURE:
	case EII_EVENT_RETURNED:
	case EII_EVENT_RIGHTS_THERE:
		sim_oracle_may_go_back(world);
		break;
	case EII_EVENT_TAKEN_OVER:
		sim_oracle_may_go_back(world);
		sim_oracle_take_over(world);
		break;
	case EII_EVENT_WORK_LET_GO:
		let_go(world, event);
		break;
	case EII_EVENT_SET_ASIDE:
	case EII_EVENT_GIVEN_UP_UID:
	case EII_EVENT_NO_REPORT:
	case EII_EVENT_KILLER:
		mark_aside(world, event);
		break;
	default:
		break;
	}
}

void sim_oracle_order(struct sim_world *world, const struct eii_order *order)
{
	check_deadline(world, order);
	sim_oracle_try(world, order->type);
	if (order->type >= EII_ORDER_REGISTER && order->type <= EII_ORDER_FIND_REPORTS &&
	    order->type != EII_ORDER_PING)
		check_calls(world, order);
	switch (order->type) {
	case EII_ORDER_FETCH:
		take_asked(world, order);
		break;
	case EII_ORDER_OVER:
		sim_oracle_over(world);
		break;
	case EII_ORDER_PING:
		sim_oracle_ping(world, order->ping.state);
		break;
	case EII_ORDER_WORK_ADD:
		sim_oracle_add(world);
		break;
	case EII_ORDER_SEND:
		sim_oracle_send(world, order);
		break;
	case EII_ORDER_MAKE:
		sim_oracle_make(world, order);
		break;
	case EII_ORDER_TELL:
		take_told(world, &order->tell);
		break;
	default:
		break;
	}
}

/* ---- facts ---------------------------------------------------------------- */

static bool is_failure(const struct eii_fact *fact)
{
	return fact->type == EII_FACT_MAILBOX_FAILED || fact->type == EII_FACT_QUEUE_FAILED ||
	       fact->type == EII_FACT_PLATFORM_FAILED || fact->type == EII_FACT_CONVERTER_FAILED;
}

/* A signal asks for a run: it begins, or is due, as soon as the one in hand is over. */
static void check_woken(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;
	struct eii_core_view view;

	if (!oracle->woken_run || world->process.is_doomed)
		return;
	eii_core_view(world->process.core, &view);
	if (view.phase == EII_PHASE_IDLE && view.n_runs < oracle->woken_run &&
	    view.next_run_ms > world->now_ms)
		sim_fail(world, "signal-heeded", "a run was asked for, the next is due in %ld ms",
			 (long)(view.next_run_ms - world->now_ms));
	if (view.phase == EII_PHASE_IDLE || view.n_runs >= oracle->woken_run)
		oracle->woken_run = 0;
}

static void take_wake(struct sim_world *world)
{
	struct eii_core_view view;

	if (world->plan.is_once)
		return;
	eii_core_view(world->process.core, &view);
	world->oracle.woken_run = view.n_runs + 1;
}

static void note(struct sim_world *world, const struct eii_fact *fact)
{
	struct sim_oracle *oracle = &world->oracle;

	switch (fact->type) {
	case EII_FACT_WAKE:
		take_wake(world);
		break;
	case EII_FACT_QUEUE_BLOCKED:
		oracle->blocked_ms = world->now_ms;
		break;
	case EII_FACT_QUEUE_UNBLOCKED:
	case EII_FACT_QUEUE_FAILED:
	case EII_FACT_QUEUE_HUNG_UP:
		oracle->blocked_ms = 0;
		break;
	case EII_FACT_WORK_ADDED:
	case EII_FACT_WORK_FOUND:
		if (fact->text)
			world->platform.works[sim_work_of(world, fact->text)].is_ours_open = true;
		break;
	case EII_FACT_MAILBOX_BODY:
		oracle->n_bodies += fact->body.result == EII_BODY_CAME;
		break;
	case EII_FACT_QUEUE_OUTCOME:
		if (fact->outcome.result == EII_OUTCOME_CONFIRMED)
			oracle->confirmed_ms = world->now_ms;
		break;
	case EII_FACT_PONG:
	case EII_FACT_STATE:
		oracle->n_store_failed = 0;
		break;
	case EII_FACT_CONVERTED:
		sim_oracle_converted(world, fact->converted.slot);
		break;
	case EII_FACT_RIGHTS:
		sim_oracle_rights(world, &fact->rights);
		break;
	case EII_FACT_KNOWN:
		sim_oracle_rights(world, &fact->known.rights);
		break;
	default:
		break;
	}
}

void sim_oracle_fact(struct sim_world *world, const struct eii_fact *fact)
{
	note(world, fact);
	if (!fact->order)
		return;
	if (is_failure(fact))
		sim_oracle_failed(world, fact);
	else
		world->oracle.failures[world->oracle.types[fact->order % 4096]].n = 0;
}

void sim_oracle_after(struct sim_world *world)
{
	const struct sim_process *process = &world->process;
	const struct sim_oracle *oracle = &world->oracle;

	check_woken(world);
	sim_oracle_check_person(world);
	sim_oracle_check_tries(world);
	if (process->held_bytes > world->plan.budget_bytes)
		sim_fail(world, "budget", "%lu bytes of mails are held, %lu allowed",
			 (unsigned long)process->held_bytes,
			 (unsigned long)world->plan.budget_bytes);
	if (process->running == SIM_STOPPING && world->now_ms > process->stopped_ms + STOP_MS)
		sim_fail(world, "stop", "a stop takes longer than 10 s");
	if (oracle->blocked_ms && world->now_ms > oracle->blocked_ms + TELL_MS &&
	    !sim_oracle_told_since(world, EII_EVENT_BLOCKED, oracle->blocked_ms))
		sim_fail(world, "lasting-faults-show", "the broker's alarm is not told");
}
