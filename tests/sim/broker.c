/* SPDX-License-Identifier: Apache-2.0 */
/* RabbitMQ with the push queue, and the link to it as its driver shows it. */
#include <string.h>

#include "models.h"
#include "oracle.h"

#define SECOND   INT64_C(1000)
#define HOLD_MS  (5 * SECOND) /* what waits for an alarm's end is tried again */
#define FLIGHTS  (SIM_SLOTS * 4)
#define LATE_MS  (120 * SECOND)
#define BATCH_MS 20 /* confirms of one "multiple" come at one instant */

/* ---- the queue ----------------------------------------------------------- */

void sim_broker_put(struct sim_world *world, const struct sim_message *message)
{
	struct sim_broker *broker = &world->broker;

	if (broker->q_n == SIM_MESSAGES) {
		sim_fail(world, "world", "the queue is fuller than a world can hold");
		return;
	}
	broker->queue[(broker->q_first + broker->q_n++) % SIM_MESSAGES] = *message;
	broker->q_bytes += message->bytes;
	if (!broker->is_worker_due) {
		broker->is_worker_due = true;
		sim_later(world, sim_pace(world, world->plan.worker_ms), SIM_WORKER_TAKES, 0, 0);
	}
}

void sim_broker_purge(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	if (broker->q_n)
		world->oracle.was_lossy = true;
	for (uint32_t i = 0; i < broker->q_n; i++)
		sim_worker_lose(world, &broker->queue[(broker->q_first + i) % SIM_MESSAGES]);
	broker->q_n = 0;
	broker->q_bytes = 0;
}

/* ---- the link ------------------------------------------------------------ */

static struct sim_flight *first_sent(struct sim_broker *broker)
{
	struct sim_flight *first = NULL;

	for (uint32_t i = 0; broker->n_flights && i < FLIGHTS; i++) {
		struct sim_flight *flight = &broker->flights[i];

		if (flight->state == SIM_SENT &&
		    (!first || flight->message.order < first->message.order))
			first = flight;
	}
	return first;
}

/* What was not confirmed may be in the queue or not: nobody will say. */
static void resolve_flights(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	struct sim_flight *flight = first_sent(broker);
	bool is_taken = !broker->is_half_open && broker->has_queue && broker->has_exchange &&
			!sim_is_on(world, SIM_FAULT_ALARM);

	/* In their order: what came after one that was lost is lost too. */
	while (flight && is_taken && sim_chance_below(&world->chance, 4)) {
		sim_broker_put(world, &flight->message);
		flight->state = SIM_TAKEN;
		flight = first_sent(broker);
	}
	for (uint32_t i = 0; broker->n_flights && i < FLIGHTS; i++) {
		broker->n_flights -= broker->flights[i].state != SIM_FREE;
		broker->flights[i].state = SIM_FREE;
	}
	broker->first_free = 0;
	broker->next_take_ms = 0;
}

static void lose_link(struct sim_world *world, enum eii_failure_kind kind)
{
	struct sim_broker *broker = &world->broker;
	struct eii_fact fact = sim_failure(world, EII_FACT_QUEUE_FAILED, 0, kind);

	if (!broker->is_up)
		return;
	resolve_flights(world);
	broker->is_up = false;
	broker->is_half_open = false;
	broker->is_blocked_told = false;
	fact.failure.is_outcome_unknown = true;
	sim_tell(world, world->process.life, &fact);
}

void sim_broker_link_dies(struct sim_world *world, uint32_t link)
{
	if (world->broker.is_up && world->broker.link == link)
		lose_link(world, EII_FAILURE_UNREACHABLE);
}

void sim_broker_forget(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	resolve_flights(world);
	broker->is_up = false;
	broker->is_half_open = false;
	broker->is_blocked_told = false;
	broker->dial.number = 0;
}

static void dial(struct sim_world *world, const struct eii_order *order)
{
	struct sim_broker *broker = &world->broker;
	int64_t ms = sim_pace(world, world->plan.broker_ms);

	if (broker->dial.number) {
		sim_fail(world, "one-order", "queue: a second order while one is under way");
		return;
	}
	if (ms > order->deadline_ms - world->now_ms)
		ms = order->deadline_ms - world->now_ms;
	broker->dial = *order;
	sim_later(world, ms > 0 ? ms : 0, SIM_BROKER_DIALS, ++broker->dial_turn, 0);
}

static void connect(struct sim_world *world, struct eii_fact *fact)
{
	struct sim_broker *broker = &world->broker;

	if (sim_is_on(world, SIM_FAULT_BROKER_DOWN)) {
		fact->type = EII_FACT_QUEUE_FAILED;
		fact->failure.kind = EII_FAILURE_UNREACHABLE;
	} else if (broker->password != broker->known_password) {
		fact->type = EII_FACT_QUEUE_FAILED;
		fact->failure.kind = EII_FAILURE_CREDENTIALS;
	} else {
		fact->type = EII_FACT_QUEUE_DIALLED;
		broker->is_up = true;
		broker->is_half_open = false;
		broker->was_nacked = false;
		broker->link++;
	}
}

void sim_broker_dials(struct sim_world *world, uint32_t turn)
{
	struct sim_broker *broker = &world->broker;
	struct eii_fact fact = sim_fact(world, EII_FACT_QUEUE_DIALLED, broker->dial.number);
	enum eii_order_type type = broker->dial.type;
	int64_t deadline_ms = broker->dial.deadline_ms;

	if (!broker->dial.number || broker->dial_turn != turn)
		return;
	broker->dial.number = 0;
	if (type == EII_ORDER_HANG_UP) {
		resolve_flights(world);
		broker->is_up = false;
		broker->is_blocked_told = false;
		fact.type = EII_FACT_QUEUE_HUNG_UP;
	} else if (deadline_ms == INT64_MIN || world->now_ms >= deadline_ms) {
		fact.type = EII_FACT_QUEUE_FAILED;
		fact.failure.kind =
			deadline_ms == INT64_MIN ? EII_FAILURE_CUT : EII_FAILURE_UNREACHABLE;
	} else {
		connect(world, &fact);
	}
	sim_tell(world, world->process.life, &fact);
}

void sim_broker_cut(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	if (broker->dial.number) {
		broker->dial.deadline_ms = INT64_MIN;
		sim_later(world, 0, SIM_BROKER_DIALS, ++broker->dial_turn, 0);
	} else if (broker->is_up) {
		sim_later(world, 0, SIM_BROKER_LINK_DIES, broker->link, 0);
	}
}

/* ---- messages ------------------------------------------------------------ */

static struct sim_flight *free_flight(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	while (broker->first_free < FLIGHTS &&
	       broker->flights[broker->first_free].state != SIM_FREE)
		broker->first_free++;
	if (broker->first_free == FLIGHTS) {
		sim_fail(world, "bounded-facts", "%u messages unconfirmed", broker->n_flights);
		return NULL;
	}
	return &broker->flights[broker->first_free];
}

static void fill(struct sim_world *world, struct sim_message *message,
		 const struct eii_order *order)
{
	const struct sim_slot *slot = &world->process.slots[order->send.slot];

	*message = (struct sim_message){ .order = order->number,
					 .kind = order->send.kind,
					 .mail = SIM_NONE,
					 .group = SIM_NONE,
					 .bytes = 1000,
					 .work = sim_work_of(world, order->send.work_id) };
	if (message->kind != EII_MESSAGE_REPORT)
		return;
	message->mail = slot->mail;
	message->group = world->mails[slot->mail].group;
	message->plain = slot->plain;
	message->ms = slot->ms;
	message->index = order->send.index;
	message->n_messages = slot->n_messages;
	message->has_content = slot->has_content;
	message->is_facts = !slot->is_held;
	message->bytes = slot->bytes[order->send.index];
}

static void send(struct sim_world *world, const struct eii_order *order)
{
	struct sim_broker *broker = &world->broker;
	struct sim_flight *flight;
	int64_t at_ms;

	if (!broker->is_up) /* into a link that is just lost: unknown, and told so */
		return;
	flight = free_flight(world);
	if (!flight)
		return;
	fill(world, &flight->message, order);
	flight->state = SIM_SENT;
	flight->turn = ++broker->turn;
	broker->n_flights++;
	/* One channel: the first that was sent is the first that is taken. */
	at_ms = world->now_ms + sim_pace(world, world->plan.broker_ms / 2);
	if (at_ms > broker->next_take_ms)
		broker->next_take_ms = at_ms;
	sim_later(world, broker->next_take_ms - world->now_ms, SIM_BROKER_TAKES,
		  (uint32_t)(flight - broker->flights), flight->turn);
	if (sim_strikes(world, SIM_FAULT_LINK_LOST))
		sim_later(world, sim_chance_between(&world->chance, 0, 2 * world->plan.broker_ms),
			  SIM_BROKER_LINK_DIES, broker->link, 0);
}

void sim_broker_order(struct sim_world *world, const struct eii_order *order)
{
	if (order->type == EII_ORDER_SEND)
		send(world, order);
	else
		dial(world, order);
}

static void tell_blocked(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;
	struct eii_fact fact = sim_fact(world, EII_FACT_QUEUE_BLOCKED, 0);

	if (broker->is_blocked_told)
		return;
	broker->is_blocked_told = true;
	sim_tell(world, world->process.life, &fact);
}

static void confirm(struct sim_world *world, struct sim_flight *flight, enum eii_outcome outcome)
{
	struct sim_broker *broker = &world->broker;
	int64_t ms =
		(world->plan.broker_ms / 2 / BATCH_MS + 1) * BATCH_MS - world->now_ms % BATCH_MS;

	flight->outcome = outcome;
	flight->state = SIM_TAKEN;
	if (sim_strikes(world, SIM_FAULT_CONFIRM_NEVER))
		return;
	if (sim_is_on(world, SIM_FAULT_CONFIRM_DISORDER)) {
		sim_struck(world, SIM_FAULT_CONFIRM_DISORDER);
		ms = sim_chance_log(&world->per_fault[SIM_FAULT_CONFIRM_DISORDER], 1, 4000);
	}
	if (sim_strikes(world, SIM_FAULT_CONFIRM_LATE))
		ms = sim_chance_log(&world->per_fault[SIM_FAULT_CONFIRM_LATE], SECOND, LATE_MS);
	sim_later(world, ms, SIM_BROKER_TELLS, (uint32_t)(flight - broker->flights), flight->turn);
}

static bool is_nacked(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;

	if (sim_is_on(world, SIM_FAULT_NACKS)) {
		broker->was_nacked = true;
		return true;
	}
	/* A quorum queue under reject-publish refuses a channel that it has refused before. */
	if (broker->was_nacked && sim_is_on(world, SIM_FAULT_NACKS_STICK)) {
		sim_struck(world, SIM_FAULT_NACKS_STICK);
		return true;
	}
	return false;
}

void sim_broker_takes(struct sim_world *world, uint32_t at, uint32_t turn)
{
	struct sim_broker *broker = &world->broker;
	struct sim_flight *flight = &broker->flights[at];
	uint32_t life = world->process.life;
	uint32_t link = broker->link;

	if (flight->state != SIM_SENT || flight->turn != turn || broker->is_half_open)
		return;
	if (sim_is_on(world, SIM_FAULT_ALARM)) {
		sim_later(world, HOLD_MS, SIM_BROKER_TAKES, at, turn);
		broker->next_take_ms = world->now_ms + HOLD_MS;
		tell_blocked(world);
	} else if (!broker->has_exchange) {
		lose_link(world, EII_FAILURE_UNREACHABLE);
	} else if (sim_is_on(world, SIM_FAULT_LIMIT) &&
		   flight->message.bytes > world->plan.limit_bytes) {
		struct eii_fact fact =
			sim_fact(world, EII_FACT_QUEUE_OUTCOME, flight->message.order);

		sim_struck(world, SIM_FAULT_LIMIT);
		/* A channel ends with a 406: nothing more is taken on it. */
		broker->is_half_open = true;
		flight->state = SIM_FREE;
		broker->n_flights--;
		broker->first_free = 0;
		fact.outcome.result = EII_OUTCOME_TOO_LARGE;
		fact.outcome.limit_bytes = world->plan.seed & 1 ? world->plan.limit_bytes : 0;
		sim_tell(world, life, &fact);
		if (world->process.life == life && broker->link == link)
			lose_link(world, EII_FAILURE_UNREACHABLE);
	} else if (!broker->has_queue) {
		confirm(world, flight, EII_OUTCOME_RETURNED);
	} else if (is_nacked(world)) {
		confirm(world, flight, EII_OUTCOME_NACKED);
	} else {
		sim_broker_put(world, &flight->message);
		confirm(world, flight, EII_OUTCOME_CONFIRMED);
	}
}

/* The marking is confirmed and not imported yet: more often then than by chance. */
static void maybe_empty(struct sim_world *world)
{
	enum sim_fault fault = SIM_FAULT_BACK_EMPTY;

	if (!world->is_healed && world->plan.has[fault] &&
	    sim_chance_below(&world->per_fault[fault], 2))
		sim_broker_fault(world, fault);
}

void sim_broker_tells(struct sim_world *world, uint32_t at, uint32_t turn)
{
	struct sim_broker *broker = &world->broker;
	struct sim_flight *flight = &broker->flights[at];
	struct eii_fact fact = sim_fact(world, EII_FACT_QUEUE_OUTCOME, flight->message.order);
	bool is_marking = flight->message.kind == EII_MESSAGE_MARKING;

	if (flight->state != SIM_TAKEN || flight->turn != turn || broker->is_half_open)
		return;
	flight->state = SIM_FREE;
	broker->n_flights--;
	if (at < broker->first_free)
		broker->first_free = at;
	fact.outcome.result = flight->outcome;
	if (flight->outcome == EII_OUTCOME_CONFIRMED)
		sim_oracle_confirmed(world, &flight->message);
	sim_tell(world, world->process.life, &fact);
	if (is_marking)
		maybe_empty(world);
}

/* ---- faults -------------------------------------------------------------- */

void sim_broker_alarm_ends(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;
	struct eii_fact fact = sim_fact(world, EII_FACT_QUEUE_UNBLOCKED, 0);

	if (!broker->is_blocked_told)
		return;
	broker->is_blocked_told = false;
	sim_tell(world, world->process.life, &fact);
}

void sim_broker_fault(struct sim_world *world, enum sim_fault fault)
{
	struct sim_broker *broker = &world->broker;

	if (sim_faults[fault].kind == SIM_INSTANT)
		sim_struck(world, fault);
	if (fault == SIM_FAULT_PASSWORD_CHANGED)
		broker->password++;
	else if (fault == SIM_FAULT_HALF_OPEN)
		broker->is_half_open = broker->is_up;
	else if (fault == SIM_FAULT_EXCHANGE_DELETED)
		broker->has_exchange = false;
	else if (fault == SIM_FAULT_QUEUE_DELETED)
		broker->has_queue = false;
	if (fault == SIM_FAULT_BROKER_DOWN || fault == SIM_FAULT_PASSWORD_CHANGED ||
	    fault == SIM_FAULT_BACK_EMPTY)
		lose_link(world, EII_FAILURE_UNREACHABLE);
	if (fault == SIM_FAULT_BACK_EMPTY && sim_chance_below(&world->per_fault[fault], 2))
		broker->has_queue = false;
	if (fault == SIM_FAULT_BACK_EMPTY || fault == SIM_FAULT_QUEUE_DELETED)
		sim_broker_purge(world);
}
